//! The listening side, with clients of ours and with raw ones.

use dom_websocket::{Answer, EventLoop, Exception, Host, Limits, Server, Timeouts, WebSocket};
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use support::{
    Backend, CLOSING, Gate, Head, Recorder, bounded, frame, html5, run_until, run_with, settle,
};

#[test]
fn a_new_connection_is_open_and_hears_open_next() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let recorder = Rc::new(RefCell::new(None));
        server.set_onconnection({
            let recorder = recorder.clone();
            move |socket, request| {
                assert_eq!(socket.ready_state(), WebSocket::OPEN);
                assert_eq!(socket.protocol(), "chat");
                assert_eq!(request.resource_name(), "/room");
                assert!(socket.url().ends_with("/room"), "{}", socket.url());
                assert_eq!(socket.send("at once"), Ok(true));
                recorder.replace(Some(Recorder::of(&socket)));
            }
        });
        let request =
            Head::request("/room", server.local_addr()).with("Sec-WebSocket-Protocol", "chat");
        run_with(&event_loop, &server, move |mut wire| {
            // What comes with the handshake is not lost, nor is it dispatched ahead of `open`.
            let expected = request.response();
            wire.send(&[request.bytes(), frame("one"), frame("two")].concat());
            let response = wire.take_response();
            assert_eq!(response.tail, b"8jKS'y:G*Co,Wxa-");
            assert_eq!(response.first_line.split(' ').nth(1), Some("101"));
            for (name, value) in &expected.fields {
                assert_eq!(response.field(name), Some(&**value), "{name}");
            }
            assert_eq!(response.fields.len(), expected.fields.len());
            wire.expect(&frame("at once"));
            wire.send(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        server.close();
        event_loop.run();
        assert_eq!(
            recorder.take().unwrap().finished(),
            [
                "OPEN open",
                "OPEN message one",
                "OPEN message two",
                "CLOSED close clean"
            ]
        );
    });
}

/// Counts what it is told of.
struct CountingHost(Rc<Cell<usize>>);

impl Host for CountingHost {
    fn report_exception(&self, _: Exception) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_callback_that_panics_is_reported_and_the_client_is_left() {
    bounded(|| {
        type Prepare = fn(&Server);
        let callbacks: [(Prepare, usize); 2] = [
            (|server| server.set_onrequest(|_| panic!("onrequest")), 0),
            (
                |server| server.set_onconnection(|_, _| panic!("onconnection")),
                1,
            ),
        ];
        for (set_callback, opens) in callbacks {
            let reports = Rc::new(Cell::new(0));
            let event_loop = EventLoop::with_host(CountingHost(reports.clone()));
            let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
            set_callback(&server);
            let url = format!("ws://{}/", server.local_addr());
            let socket = support::html5(&event_loop, &url).unwrap();
            let recorder = Recorder::of(&socket);
            run_until(&event_loop, || recorder.has_ended());
            server.close();
            event_loop.run();
            assert_eq!(reports.get(), 1);
            assert_eq!(recorder.count_of("open"), opens);
            assert!(recorder.finished().last().unwrap().ends_with("unclean"));
        }
    });
}

#[test]
fn without_a_host_a_panic_of_a_callback_leaves_the_run_and_the_client_is_left() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onrequest(|_| panic!("onrequest"));
        let url = format!("ws://{}/", server.local_addr());
        let socket = support::html5(&event_loop, &url).unwrap();
        let recorder = Recorder::of(&socket);
        let run = || run_until(&event_loop, || recorder.has_ended());
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"onrequest"));
        server.close();
        event_loop.run();
        assert_eq!(recorder.finished(), ["CLOSED close unclean"]);
    });
}

/// What they had of the loop's goes with them, and so the loop's own end comes.
#[test]
fn clients_that_never_become_connections_leave_nothing_behind() {
    bounded(|| {
        let reports = Rc::new(Cell::new(0));
        let event_loop = EventLoop::with_host(CountingHost(reports.clone()));
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        for bytes in [
            "",
            "GET / HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "nothing\r\n\r\n",
        ] {
            run_with(&event_loop, &server, move |mut wire| {
                wire.send(bytes.as_bytes());
                wire.finish();
                wire.take_rest();
            });
        }
        server.close();
        event_loop.run();
        drop((server, event_loop));
        assert_eq!(Rc::strong_count(&reports), 1, "the host is there still");
    });
}

#[test]
fn without_anybody_to_take_it_a_connection_is_ended() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let request = Head::request("/", server.local_addr());
        run_with(&event_loop, &server, move |mut wire| {
            wire.open(&request);
            wire.expect_end();
        });
        server.close();
        event_loop.run();
    });
}

fn refuses_connections(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_err()
}

#[test]
fn a_closed_or_dropped_server_accepts_nobody_and_its_connections_live_on() {
    bounded(|| {
        for drops in [false, true] {
            let event_loop = EventLoop::new();
            let backend = Backend::echoing(&event_loop);
            let (socket, recorder) = backend.open(&event_loop);
            run_until(&event_loop, || {
                recorder.count() == 1 && backend.count() == 1
            });
            let Backend { server, sockets } = backend;
            let address = server.local_addr();
            let server = if drops {
                drop(server);
                None
            } else {
                server.close();
                server.close();
                Some(server)
            };
            settle(&event_loop);
            assert!(refuses_connections(address), "drops: {drops}");
            socket.send("still there?").unwrap();
            run_until(&event_loop, || recorder.count() >= 2);
            sockets.borrow()[0].close();
            event_loop.run();
            assert_eq!(
                recorder.finished(),
                [
                    "OPEN open",
                    "OPEN message still there?",
                    "CLOSED close clean"
                ]
            );
            drop(server);
        }
    });
}

#[test]
fn closing_the_server_in_its_own_callback_refuses_the_clients_behind() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let asked = Rc::new(Cell::new(0));
        server.set_onrequest({
            let (server, asked) = (server.clone(), asked.clone());
            move |_| {
                asked.set(asked.get() + 1);
                server.close();
                Answer::accept()
            }
        });
        let url = format!("ws://{}/", server.local_addr());
        let socket = support::html5(&event_loop, &url).unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        assert_eq!(asked.get(), 1);
        // The answer stands; but nobody takes the connection.
        assert_eq!(recorder.finished().last().unwrap(), "CLOSED close unclean");
    });
}

#[test]
fn a_server_that_closes_waits_for_the_clients_answer_and_then_for_its_end() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let recorder = Rc::new(RefCell::new(None));
        let server = Server::builder(&event_loop)
            .timeouts(Timeouts {
                end_of_stream: Duration::from_secs(30),
                ..Timeouts::default()
            })
            .listen("127.0.0.1:0")
            .unwrap();
        let (close, has_closed) = mpsc::channel();
        server.set_onconnection({
            let recorder = recorder.clone();
            move |socket, _| {
                recorder.replace(Some(Recorder::of(&socket)));
                socket.close();
                close.send(()).unwrap();
            }
        });
        let request = Head::request("/", server.local_addr());
        run_with(&event_loop, &server, move |mut wire| {
            wire.open(&request);
            has_closed.recv().unwrap();
            wire.expect(CLOSING);
            wire.send(&frame("meanwhile"));
            wire.send(CLOSING);
            wire.expect_end();
            wire.finish();
        });
        server.close();
        event_loop.run();
        // close() came ahead of the `open` event, which is in none but the state OPEN.
        assert_eq!(
            recorder.take().unwrap().finished(),
            ["CLOSING message meanwhile", "CLOSED close clean"]
        );
    });
}

#[test]
fn a_message_of_ten_million_bytes_goes_both_ways() {
    bounded(|| {
        let event_loop = EventLoop::new();
        // As much as a client takes.
        let server = Server::builder(&event_loop)
            .limits(Limits::default())
            .listen("127.0.0.1:0")
            .unwrap();
        server.set_onconnection(|socket, _| {
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
        let socket = html5(&event_loop, &format!("ws://{}/", server.local_addr())).unwrap();
        let text = "ten bytes ".repeat(1_000_000);
        let came_back = Rc::new(Cell::new(false));
        socket.set_onopen({
            let text = text.clone();
            move |event| assert_eq!(event.target().send(&text), Ok(true))
        });
        socket.set_onmessage({
            let came_back = came_back.clone();
            move |event| {
                came_back.set(*event.data() == *text.as_str());
                event.target().close();
            }
        });
        socket.set_onclose(move |event| {
            assert!(event.was_clean());
            server.close();
        });
        event_loop.run();
        assert!(came_back.get());
    });
}

/// It is read on, for a while, and keeps nobody waiting.
#[test]
fn a_client_that_is_turned_away_and_sends_without_end_is_left() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::builder(&event_loop)
            .timeouts(Timeouts {
                end_of_stream: Duration::from_millis(300),
                ..Timeouts::default()
            })
            .listen("127.0.0.1:0")
            .unwrap();
        let address = server.local_addr();
        let floods: Vec<_> = (0..4)
            .map(|_| {
                let is_over = Gate::new(&event_loop);
                let over = is_over.clone();
                thread::spawn(move || {
                    let mut stream = TcpStream::connect(address).unwrap();
                    stream.write_all(b"nonsense\r\n\r\n").unwrap();
                    while stream.write_all(&[b'x'; 1 << 16]).is_ok() {}
                    over.open();
                });
                is_over
            })
            .collect();
        let all_are_over = || floods.iter().all(Gate::is_open);
        let honest = WebSocket::new(&event_loop, &format!("ws://{address}/")).unwrap();
        let is_open = Rc::new(Cell::new(false));
        honest.set_onopen({
            let is_open = is_open.clone();
            move |_| is_open.set(true)
        });
        let work = event_loop.keep_alive();
        run_until(&event_loop, || is_open.get() && all_are_over());
        drop(work);
        honest.close();
        server.close();
        event_loop.run();
    });
}

/// A server that counts its clients, whom it closes.
fn counting(server: &Server) -> Rc<Cell<usize>> {
    let count = Rc::new(Cell::new(0));
    server.set_onconnection({
        let count = count.clone();
        move |socket, _| {
            count.set(count.get() + 1);
            socket.close();
        }
    });
    count
}

#[test]
fn a_server_takes_over_a_listener() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // It is there before anybody accepts it.
        let early = TcpStream::connect(address).unwrap();
        let server = Server::from_listener(&event_loop, listener).unwrap();
        assert_eq!(server.local_addr(), address);
        let count = counting(&server);
        let socket = WebSocket::new(&event_loop, &format!("ws://{address}/")).unwrap();
        let recorder = Recorder::of(&socket);
        run_until(&event_loop, || recorder.has_ended());
        assert_eq!(count.get(), 1);
        drop(early);
        server.close();
        event_loop.run();
        // Nobody listens any more.
        TcpStream::connect(address).unwrap_err();
    });
}

#[test]
fn clones_of_a_listener_serve_several_loops() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (first, second) = (EventLoop::new(), EventLoop::new());
        let clone = listener.try_clone().unwrap();
        let one = Server::from_listener(&first, clone).unwrap();
        let other = Server::from_listener(&second, listener).unwrap();
        let counts = [counting(&one), counting(&other)];
        let client = EventLoop::new();
        let url = format!("ws://{address}/");
        for (event_loop, count) in [&first, &second].into_iter().zip(&counts) {
            // Only this one looks.
            let socket = WebSocket::new(&client, &url).unwrap();
            let recorder = Recorder::of(&socket);
            while !recorder.has_ended() {
                settle(event_loop);
                settle(&client);
                thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(count.get(), 1);
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn servers_that_reuse_a_port_share_its_clients() {
    const CLIENTS: usize = 64;
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        let one = builder.reuse_port(true).listen("127.0.0.1:0").unwrap();
        let other = builder.listen(one.local_addr()).unwrap();
        assert_eq!(one.local_addr(), other.local_addr());
        let counts = [counting(&one), counting(&other)];
        let url = format!("ws://{}/", one.local_addr());
        let recorders: Vec<_> = (0..CLIENTS)
            .map(|_| Recorder::of(&WebSocket::new(&event_loop, &url).unwrap()))
            .collect();
        run_until(&event_loop, || recorders.iter().all(Recorder::has_ended));
        let counts = counts.map(|count| count.get());
        assert_eq!(counts.iter().sum::<usize>(), CLIENTS);
        // Half of them, give or take; none at all would take 2^63 runs.
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
        // Nobody joins who has not been told to.
        let alone = Server::listen(&event_loop, one.local_addr());
        assert_eq!(alone.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
    });
}
