//! The ways in which a connection of the living edition fails as a whole. Script can't tell them apart.

use dom_websocket::{Event, EventLoop, Exception, Host, Timeouts, UserAgent, WebSocket};
use std::cell::{Cell, RefCell};
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;
use support::{
    End, FAILURE, Gate, Peer, Recorder, Wire, bounded, run_until, session, settle, short_timeouts,
    url_of_nobody,
};

/// All events of a socket that opens this URL.
fn events_of(url: &str, user_agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, url)
        .user_agent(user_agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
    event_loop.run();
    assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    recorder.finished()
}

fn impatient() -> UserAgent {
    UserAgent::builder().timeouts(short_timeouts()).build()
}

type Lines = Rc<RefCell<Vec<&'static str>>>;

struct NotesCheckpoints(Lines);

impl Host for NotesCheckpoints {
    fn perform_microtask_checkpoint(&self) {
        self.0.borrow_mut().push("checkpoint");
    }

    fn report_exception(&self, exception: Exception) {
        panic!("{exception}");
    }
}

#[test]
fn a_refused_connection_is_an_error_and_a_close() {
    bounded(|| {
        let events = events_of(&url_of_nobody(), &UserAgent::default());
        assert_eq!(events, FAILURE);
    });
}

#[test]
fn a_name_without_an_address_is_an_error_and_a_close() {
    bounded(|| {
        let user_agent = UserAgent::builder()
            .timeouts(Timeouts {
                opening_handshake: Duration::from_secs(5),
                ..Timeouts::default()
            })
            .build();
        let events = events_of("ws://nonexistent.invalid/", &user_agent);
        assert_eq!(events, FAILURE);
    });
}

#[test]
fn a_blocked_port_is_an_error_and_a_close_from_a_task_and_no_exception() {
    bounded(|| {
        for url in ["ws://127.0.0.1:6667/", "http://127.0.0.1:25/"] {
            let event_loop = EventLoop::new();
            let socket = WebSocket::new(&event_loop, url).unwrap();
            let recorder = Recorder::of(&socket);
            assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
            event_loop.run();
            assert_eq!(recorder.finished(), FAILURE, "{url}");
        }
    });
}

#[test]
fn nobody_connects_to_a_blocked_port() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let user_agent = UserAgent::builder().blocked_ports([address.port()]).build();
        let events = events_of(&format!("ws://{address}/"), &user_agent);
        assert_eq!(events, FAILURE);
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err());
    });
}

#[test]
fn a_wss_url_fails_as_long_as_there_is_no_tls() {
    bounded(|| {
        for scheme in ["wss:", "https:"] {
            let url = url_of_nobody().replace("ws:", scheme);
            assert_eq!(events_of(&url, &UserAgent::default()), FAILURE);
        }
    });
}

#[test]
fn a_connection_that_drops_after_the_handshake_has_failed() {
    bounded(|| {
        for resets in [false, true] {
            let events = session(
                move |mut wire| {
                    wire.accept_upgrade();
                    if resets {
                        wire.reset();
                    } else {
                        wire.finish();
                        wire.expect_end();
                    }
                },
                |_, _| (),
            );
            assert_eq!(events, ["OPEN open", FAILURE[0], FAILURE[1]]);
        }
    });
}

#[test]
fn script_can_not_tell_one_failure_from_another() {
    bounded(|| {
        let served = |script: fn(Wire)| Peer::serve(script).url();
        let urls = [
            "ws://nonexistent.invalid/".to_owned(),
            "ws://127.0.0.1:6667/".to_owned(),
            url_of_nobody(),
            url_of_nobody().replace("ws:", "wss:"),
            served(|mut wire| wire.send(b"220 mail.example.com ESMTP\r\n")),
            served(|mut wire| drop(wire.take_upgrade())),
            served(|wire| wire.reset()),
            served(|mut wire| {
                wire.take_upgrade();
                wire.take_rest();
            }),
            served(|mut wire| {
                wire.accept_upgrade_with(|head| head.with("Sec-WebSocket-Protocol", "chat"));
                wire.take_rest();
            }),
        ];
        for url in urls {
            assert_eq!(events_of(&url, &impatient()), FAILURE, "{url}");
        }
    });
}

#[test]
fn the_error_of_a_failure_is_a_plain_event_of_the_same_task_as_its_close() {
    bounded(|| {
        let lines = Lines::default();
        let event_loop = EventLoop::with_host(NotesCheckpoints(lines.clone()));
        let socket = WebSocket::new(&event_loop, &url_of_nobody()).unwrap();
        socket.set_onerror({
            let lines = lines.clone();
            move |event| {
                assert!(event.is_trusted() && !event.bubbles() && !event.cancelable());
                assert_eq!(event.event_phase(), Event::AT_TARGET);
                assert!(event.as_close_event().is_none() && event.as_message_event().is_none());
                lines.borrow_mut().push("error");
            }
        });
        socket.set_onclose({
            let lines = lines.clone();
            move |_| lines.borrow_mut().push("close")
        });
        event_loop.run();
        let lines = lines.take();
        let start = lines.iter().position(|line| *line == "error").unwrap();
        // A checkpoint behind each listener, and one behind the task, not between the two.
        assert_eq!(
            lines[start..],
            ["error", "checkpoint", "close", "checkpoint", "checkpoint"]
        );
    });
}

#[test]
fn closing_while_connecting_sets_the_state_at_once_and_fires_from_a_task() {
    bounded(|| {
        let is_asked = |event_loop: &EventLoop| {
            let gate = Gate::new(event_loop);
            let peer = Peer::serve({
                let gate = gate.clone();
                move |mut wire| {
                    wire.take_upgrade();
                    gate.open();
                    assert_eq!(wire.take_rest(), (vec![], End::Fin));
                }
            });
            (peer, gate)
        };
        let event_loop = EventLoop::new();
        let (peer, gate) = is_asked(&event_loop);
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        gate.run(&event_loop);
        recorder.calling(|| socket.close());
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        recorder.calling(|| socket.close());
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        assert_eq!(recorder.count(), 0);
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), FAILURE);
    });
}

#[test]
fn closing_before_the_loop_has_run_connects_to_nobody() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let event_loop = EventLoop::new();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let socket = WebSocket::new(&event_loop, &url).unwrap();
        let recorder = Recorder::of(&socket);
        recorder
            .calling(|| socket.close_with(4000, "never mind"))
            .unwrap();
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        event_loop.run();
        assert_eq!(recorder.finished(), FAILURE);
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err());
    });
}

#[test]
fn a_socket_that_failed_stays_closed() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let socket = WebSocket::new(&event_loop, &url_of_nobody()).unwrap();
        let recorder = Recorder::of(&socket);
        let was_closed = Rc::new(Cell::new(false));
        socket.set_onerror({
            let was_closed = was_closed.clone();
            move |event| {
                event.target().close();
                was_closed.set(event.target().ready_state() == WebSocket::CLOSED);
            }
        });
        run_until(&event_loop, || recorder.has_ended());
        assert!(was_closed.get(), "close() in CLOSED changes nothing");
        socket.close();
        settle(&event_loop);
        event_loop.run();
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
        assert_eq!(recorder.finished(), FAILURE);
    });
}
