//! One opening handshake at a time for each IP address.

use dom_websocket::{EventLoop, UserAgent, WebSocket};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use support::{CLOSING, End, Gate, Peer, Recorder, Wire, accept, bounded, run_until, settle};

fn listener(address: &str) -> (TcpListener, String) {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    (listener, url)
}

fn open(event_loop: &EventLoop, url: &str) -> (WebSocket, Recorder) {
    let socket = support::html5(event_loop, url).unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

/// Whether nobody has called, as far as the kernel knows at this moment.
fn was_not_called(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    let was_called = listener.accept().is_ok();
    listener.set_nonblocking(false).unwrap();
    !was_called
}

/// Accepts one client, and closes its connection right behind the handshake.
fn serve(listener: TcpListener) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut wire = accept(&listener);
        wire.accept_client();
        close(wire);
    })
}

fn close(mut wire: Wire) {
    wire.send(CLOSING);
    wire.expect(CLOSING);
    wire.expect_end();
}

/// A server that says when it was asked, and goes on when told to.
fn hesitant(
    event_loop: &EventLoop,
    script: impl FnOnce(Wire) + Send + 'static,
) -> (Peer, Gate, mpsc::Sender<()>) {
    let is_asked = Gate::new(event_loop);
    let (go, may_go) = mpsc::channel();
    let peer = Peer::serve({
        let is_asked = is_asked.clone();
        move |mut wire| {
            wire.take(1);
            is_asked.open();
            let _ = may_go.recv();
            script(wire);
        }
    });
    (peer, is_asked, go)
}

#[test]
fn a_second_connection_to_an_address_begins_once_the_first_has_failed() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (first, is_asked, go) = hesitant(&event_loop, drop);
        let (second, second_url) = listener("127.0.0.1");
        let sockets = [
            open(&event_loop, &first.url()),
            open(&event_loop, &second_url),
        ];
        is_asked.run(&event_loop);
        settle(&event_loop);
        assert!(was_not_called(&second), "another port is the same address");
        let second = serve(second);
        go.send(()).unwrap();
        event_loop.run();
        first.join();
        second.join().unwrap();
        assert_eq!(sockets[0].1.finished(), ["CLOSED close unclean"]);
        assert_eq!(sockets[1].1.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn a_second_connection_to_an_address_begins_once_the_first_is_established() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_asked = Gate::new(&event_loop);
        let (go, may_go) = mpsc::channel();
        let first = Peer::serve({
            let is_asked = is_asked.clone();
            move |mut wire| {
                let response = wire.take_request().response();
                is_asked.open();
                may_go.recv().unwrap();
                wire.send(&response.bytes());
                // It stays open until the second has come and gone.
                may_go.recv().unwrap();
                close(wire);
            }
        });
        let (second, second_url) = listener("127.0.0.1");
        let (_first_socket, first_recorder) = open(&event_loop, &first.url());
        let (_second_socket, second_recorder) = open(&event_loop, &second_url);
        is_asked.run(&event_loop);
        settle(&event_loop);
        assert!(was_not_called(&second));
        let second = serve(second);
        go.send(()).unwrap();
        run_until(&event_loop, || second_recorder.has_ended());
        assert_eq!(first_recorder.events(), ["OPEN open"]);
        go.send(()).unwrap();
        event_loop.run();
        first.join();
        second.join().unwrap();
        assert_eq!(
            first_recorder.finished(),
            ["OPEN open", "CLOSED close clean"]
        );
        assert_eq!(
            second_recorder.finished(),
            ["OPEN open", "CLOSED close clean"]
        );
    });
}

#[test]
fn close_of_the_first_is_the_seconds_turn() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (first, is_asked, go) = hesitant(&event_loop, |mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.take(8);
            assert_eq!(wire.take_rest(), (vec![], End::Fin));
        });
        let (second, second_url) = listener("127.0.0.1");
        let (first_socket, first_recorder) = open(&event_loop, &first.url());
        let (_second_socket, second_recorder) = open(&event_loop, &second_url);
        is_asked.run(&event_loop);
        let second = serve(second);
        first_socket.close();
        drop(go);
        event_loop.run();
        first.join();
        second.join().unwrap();
        assert_eq!(first_recorder.finished(), ["CLOSED close unclean"]);
        assert_eq!(
            second_recorder.finished(),
            ["OPEN open", "CLOSED close clean"]
        );
    });
}

#[test]
fn connections_to_an_address_are_opened_in_the_order_of_their_sockets() {
    bounded(|| {
        const COUNT: usize = 20;
        let event_loop = EventLoop::new();
        let peer = Peer::listen(|listener| {
            let mut resources = Vec::new();
            for _ in 0..COUNT {
                let mut wire = accept(&listener);
                // There is no other connection before this one is established.
                assert!(was_not_called(&listener));
                resources.push(wire.accept_client().resource().to_owned());
                close(wire);
            }
            resources
        });
        let sockets: Vec<_> = (0..COUNT)
            .map(|number| open(&event_loop, &peer.url_of(&format!("/{number}"))))
            .collect();
        event_loop.run();
        let expected: Vec<_> = (0..COUNT).map(|number| format!("/{number}")).collect();
        assert_eq!(peer.join(), expected);
        for (_, recorder) in sockets {
            assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
        }
    });
}

#[test]
fn a_socket_that_gives_up_in_the_queue_is_passed_over() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (first, is_asked, go) = hesitant(&event_loop, drop);
        let (second, second_url) = listener("127.0.0.1");
        let (third, third_url) = listener("127.0.0.1");
        let sockets = [&first.url(), &second_url, &third_url].map(|url| open(&event_loop, url));
        is_asked.run(&event_loop);
        sockets[1].0.close();
        let third = serve(third);
        go.send(()).unwrap();
        event_loop.run();
        first.join();
        third.join().unwrap();
        assert!(was_not_called(&second));
        assert_eq!(sockets[1].1.finished(), ["CLOSED close unclean"]);
        assert_eq!(sockets[2].1.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

// Only Linux has more than one loopback address without further ado.
#[cfg(target_os = "linux")]
#[test]
fn connections_to_two_addresses_do_not_wait_for_each_other() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (first, is_asked, go) = hesitant(&event_loop, drop);
        let (second, second_url) = listener("127.0.0.2");
        let (_first_socket, first_recorder) = open(&event_loop, &first.url());
        let (_second_socket, second_recorder) = open(&event_loop, &second_url);
        is_asked.run(&event_loop);
        let second = serve(second);
        run_until(&event_loop, || second_recorder.has_ended());
        assert_eq!(first_recorder.count(), 0);
        go.send(()).unwrap();
        event_loop.run();
        first.join();
        second.join().unwrap();
    });
}

#[test]
fn user_agents_do_not_wait_for_each_other() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (first, is_asked, go) = hesitant(&event_loop, drop);
        let (second, second_url) = listener("127.0.0.1");
        let (_first_socket, first_recorder) = open(&event_loop, &first.url());
        let other = UserAgent::builder().build();
        let second_socket = WebSocket::builder(&event_loop, &second_url)
            .edition(dom_websocket::Edition::Html5)
            .user_agent(&other)
            .open()
            .unwrap();
        let second_recorder = Recorder::of(&second_socket);
        is_asked.run(&event_loop);
        let second = serve(second);
        run_until(&event_loop, || second_recorder.has_ended());
        assert_eq!(first_recorder.count(), 0);
        go.send(()).unwrap();
        event_loop.run();
        first.join();
        second.join().unwrap();
    });
}
