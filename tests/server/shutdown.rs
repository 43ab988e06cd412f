//! How a server ends.

use dom_websocket::{
    AddEventListenerOptions, Answer, Edition, EventListener, EventLoop, Server, Timeouts, WebSocket,
};
use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::Duration;
use support::{Frame, Head, Recorder, bounded, run_until, run_with, settle};

/// Longer than any test.
const HOUR: Duration = Duration::from_secs(3600);

type Told = Rc<RefCell<Option<Vec<WebSocket>>>>;

/// What the future of a shutdown comes to.
fn told(event_loop: &EventLoop, ended: impl Future<Output = Vec<WebSocket>> + 'static) -> Told {
    let told = Told::default();
    let tell = told.clone();
    event_loop.spawn(async move {
        let unanswered = ended.await;
        tell.replace(Some(unanswered));
    });
    told
}

#[test]
fn a_server_that_shuts_down_says_goodbye_and_who_did_not_answer() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let accepted = Rc::new(RefCell::new(Vec::new()));
        server.set_onconnection({
            let accepted = accepted.clone();
            move |socket, _| {
                socket.send("first").unwrap();
                accepted.borrow_mut().push((Recorder::of(&socket), socket));
            }
        });
        let url = format!("ws://{}/", server.local_addr());
        let clients = [Edition::Living, Edition::Html5].map(|edition| {
            let mut builder = WebSocket::builder(&event_loop, &url);
            let socket = builder.edition(edition).open().unwrap();
            (Recorder::of(&socket), socket)
        });
        let request = Head::upgrade("/", server.local_addr());
        let mut silent = run_with(&event_loop, &server, move |mut wire| {
            wire.upgrade(&request);
            wire
        });
        run_until(&event_loop, || accepted.borrow().len() == 3);
        let unanswered = Rc::new(RefCell::new(None));
        let told = unanswered.clone();
        let _patient = server.shutdown(HOUR);
        let has_ended = |events: &[&Recorder]| events.iter().filter(|r| r.has_ended()).count();
        run_until(&event_loop, || {
            let accepted = accepted.borrow();
            let accepted: Vec<_> = accepted.iter().map(|(recorder, _)| recorder).collect();
            has_ended(&[&clients[0].0, &clients[1].0]) == 2 && has_ended(&accepted) == 2
        });
        let ended = server.shutdown(Duration::from_millis(300));
        event_loop.spawn(async move {
            told.replace(Some(ended.await));
        });
        event_loop.run();
        assert_eq!(
            clients[0].0.finished(),
            ["OPEN open", "OPEN message first", "CLOSED close clean 1001"]
        );
        assert_eq!(
            clients[1].0.finished(),
            ["OPEN open", "OPEN message first", "CLOSED close clean"]
        );
        let unanswered = unanswered.take().expect("it has ended");
        let accepted = accepted.take();
        let (of_the_silent, answered): (Vec<_>, Vec<_>) = accepted
            .iter()
            .partition(|(_, socket)| unanswered.contains(socket));
        assert_eq!(
            (unanswered.len(), of_the_silent.len(), answered.len()),
            (1, 1, 2)
        );
        let events = of_the_silent[0].0.finished();
        assert_eq!(
            events.last().map(String::as_str),
            Some("CLOSED close unclean 1006")
        );
        let (rest, _) = silent.take_rest();
        let goodbye = [Frame::text("first"), Frame::close(1001, "")].map(|frame| frame.bytes());
        assert_eq!(rest, goodbye.concat());
        assert!(TcpStream::connect(server.local_addr()).is_err());
    });
}

#[test]
fn a_server_without_clients_is_shut_down_at_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let has_ended = Rc::new(Cell::new(false));
        let told = has_ended.clone();
        let ended = server.shutdown(Duration::from_secs(3600));
        event_loop.spawn(async move {
            assert_eq!(ended.await, []);
            told.set(true);
        });
        event_loop.run();
        assert!(has_ended.get());
    });
}

/// They have no object yet, so nobody is told of them; and nothing waits for their bounds.
#[test]
fn clients_whose_handshake_is_under_way_are_cut_with_the_last_of_the_others() {
    bounded(|| {
        for begun in ["", "GET / HTTP/1.1\r\nHost:", "PRI * HTTP/2.0\r\n"] {
            let event_loop = EventLoop::new();
            let timeouts = Timeouts {
                opening_handshake: HOUR,
                ..Timeouts::of_server()
            };
            let server = Server::builder(&event_loop)
                .timeouts(timeouts)
                .listen("127.0.0.1:0")
                .unwrap();
            let mut half = TcpStream::connect(server.local_addr()).unwrap();
            half.write_all(begun.as_bytes()).unwrap();
            // The server has accepted it by the time that it lets the next one in.
            server.set_onconnection(|socket, _| socket.close());
            let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()));
            let recorder = Recorder::of(&socket.unwrap());
            run_until(&event_loop, || recorder.has_ended());
            settle(&event_loop);
            let told = told(&event_loop, server.shutdown(HOUR));
            event_loop.run();
            assert_eq!(told.take(), Some(vec![]), "{begun:?}");
            assert!(matches!(half.read(&mut [0]), Ok(0) | Err(_)), "{begun:?}");
        }
    });
}

#[test]
fn whoever_asks_while_the_server_shuts_down_is_refused() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let ending = Rc::new(RefCell::new(None));
        server.set_onrequest({
            let (server, ending) = (server.clone(), ending.clone());
            move |_| {
                ending.replace(Some(server.shutdown(HOUR)));
                Answer::accept()
            }
        });
        server.set_onconnection(|_, _| panic!("nobody is let in"));
        let request = Head::upgrade("/", server.local_addr());
        let response = run_with(&event_loop, &server, move |mut wire| {
            wire.send(&request.bytes());
            String::from_utf8(wire.take_through(b"\r\n\r\n")).unwrap()
        });
        assert!(response.contains(" 403 "), "{response}");
        let ending = ending.take().expect("it has been asked");
        let told = told(&event_loop, ending);
        run_until(&event_loop, || told.borrow().is_some());
        assert_eq!(told.take(), Some(vec![]));
    });
}

/// It has been let in, and the task that makes its object comes behind the server's end.
#[test]
fn a_client_that_opens_meanwhile_hears_goodbye_too() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let ending = Rc::new(RefCell::new(None));
        server.set_onrequest({
            let (server, ending) = (server.clone(), ending.clone());
            let event_loop = event_loop.downgrade();
            move |_| {
                let (server, ending) = (server.clone(), ending.clone());
                event_loop.upgrade().unwrap().queue_task(move || {
                    ending.replace(Some(server.shutdown(HOUR)));
                });
                Answer::accept()
            }
        });
        let request = Head::upgrade("/", server.local_addr());
        let rest = run_with(&event_loop, &server, move |mut wire| {
            wire.upgrade(&request);
            let goodbye = Frame::close(1001, "").bytes();
            assert_eq!(wire.take(goodbye.len()), goodbye);
            wire.send(&Frame::close(1001, "").masked().bytes());
            wire.take_rest().0
        });
        assert_eq!(rest, b"");
        let told = told(&event_loop, ending.take().expect("it has been asked"));
        event_loop.run();
        assert_eq!(told.take(), Some(vec![]));
    });
}

#[test]
fn who_shuts_down_again_waits_for_the_same_clients() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let accepted = Rc::new(Cell::new(false));
        server.set_onconnection({
            let accepted = accepted.clone();
            move |socket, _| {
                socket.set_onmessage(|_| ());
                accepted.set(true);
            }
        });
        let request = Head::upgrade("/", server.local_addr());
        let silent = run_with(&event_loop, &server, move |mut wire| {
            wire.upgrade(&request);
            wire
        });
        run_until(&event_loop, || accepted.get());
        let patient = told(&event_loop, server.shutdown(HOUR));
        settle(&event_loop);
        assert!(patient.borrow().is_none());
        let impatient = told(&event_loop, server.shutdown(Duration::ZERO));
        event_loop.run();
        let [patient, impatient] = [patient, impatient].map(|told| told.take().unwrap().len());
        assert_eq!((patient, impatient), (0, 1));
        drop(silent);
    });
}

#[test]
fn a_listener_that_stops_the_event_holds_nobody_up() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(|socket, _| {
            // Ahead of all that come later.
            let stop = EventListener::new(|event| event.stop_immediate_propagation());
            let options = AddEventListenerOptions {
                capture: true,
                ..AddEventListenerOptions::default()
            };
            socket.add_event_listener_with("close", &stop, options);
        });
        let url = format!("ws://{}/", server.local_addr());
        let socket = WebSocket::new(&event_loop, &url).unwrap();
        let recorder = Recorder::of(&socket);
        run_until(&event_loop, || recorder.count_of("open") == 1);
        let told = told(&event_loop, server.shutdown(HOUR));
        event_loop.run();
        assert_eq!(told.take(), Some(vec![]));
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1001"]
        );
    });
}

/// The deadline is no time that anybody has to wait.
#[test]
fn a_shutdown_ends_with_the_last_answer() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let accepted = Rc::new(Cell::new(0));
        server.set_onconnection({
            let accepted = accepted.clone();
            move |socket, _| {
                socket.set_onmessage(|_| ());
                accepted.set(accepted.get() + 1);
            }
        });
        let url = format!("ws://{}/", server.local_addr());
        let clients = [Edition::Living, Edition::Html5, Edition::Living].map(|edition| {
            let mut builder = WebSocket::builder(&event_loop, &url);
            let socket = builder.edition(edition).open().unwrap();
            socket.set_onclose(|_| ());
            socket
        });
        run_until(&event_loop, || accepted.get() == clients.len());
        let ended = server.shutdown(Duration::from_secs(3600));
        let is_over = Rc::new(Cell::new(false));
        let told = is_over.clone();
        event_loop.spawn(async move {
            assert_eq!(ended.await, []);
            told.set(true);
        });
        event_loop.run();
        assert!(is_over.get());
    });
}
