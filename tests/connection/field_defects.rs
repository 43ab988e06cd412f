//! What other implementations of the living edition's object were found to get wrong, in their source
//! or by their users. Each test fails for one that makes the mistake which its comment names.

use dom_websocket::{DomException, EventLoop, WebSocket};
use std::cell::RefCell;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::mpsc;
use support::{
    DEFLATE, FAILURE, Frame, Gate, Head, Peer, Recorder, bounded, expect_quiet, opened, run_until,
    session,
};

/// All events of a client that offers these subprotocols and is answered like this.
fn events_of_answer(
    protocols: &[&str],
    answer: impl FnOnce(Head) -> Head + Send + 'static,
) -> Vec<String> {
    let peer = Peer::serve(|mut wire| {
        wire.accept_upgrade_with(answer);
        wire.finish();
        wire.take_rest();
    });
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, &peer.url())
        .protocols(protocols.iter().copied())
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    peer.join();
    recorder.finished()
}

/// The mistake: the attribute is never set.
#[test]
fn extensions_tells_what_the_server_agreed_to() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade_with(|head| head.with(DEFLATE.0, DEFLATE.1));
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| {
                socket.set_onopen(|event| {
                    assert_eq!(event.target().extensions(), DEFLATE.1);
                    event.target().close();
                });
            },
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 1005"]);
    });
}

/// The mistake: whatever subprotocol the response names is taken over.
#[test]
fn a_subprotocol_that_nobody_asked_for_fails_the_connection() {
    bounded(|| {
        let name = "Sec-WebSocket-Protocol";
        for offered in [&[][..], &["superchat"]] {
            let events = events_of_answer(offered, move |head| head.with(name, "chat"));
            assert_eq!(events, FAILURE, "{offered:?}");
        }
    });
}

/// The mistake: a server that speaks none of the subprotocols will do.
#[test]
fn no_subprotocol_where_some_were_asked_for_fails_the_connection() {
    bounded(|| {
        let events = events_of_answer(&["chat"], |head| head.without("Sec-WebSocket-Protocol"));
        assert_eq!(events, FAILURE);
    });
}

/// The mistake: the state goes from OPEN to CLOSED.
#[test]
fn a_server_that_closes_is_seen_as_closing_first() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let may_end = Gate::new(&event_loop);
        let (socket, _, peer) = opened(&event_loop, {
            let may_end = may_end.clone();
            move |mut wire| {
                wire.send_frame(&Frame::close(1000, ""));
                wire.expect_from_client(&Frame::close(1000, ""));
                may_end.wait();
            }
        });
        run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSING);
        may_end.open();
        event_loop.run();
        peer.join();
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    });
}

/// The mistake: the event of a failure has the members of an event that nobody initialised.
#[test]
fn the_close_event_of_a_failure_has_the_code_1006() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let socket = WebSocket::new(&event_loop, &support::url_of_nobody()).unwrap();
        let closes = Rc::new(RefCell::new(Vec::new()));
        socket.set_onclose({
            let closes = closes.clone();
            move |event| {
                let close = (event.was_clean(), event.code(), event.reason().to_owned());
                closes.borrow_mut().push(close);
            }
        });
        event_loop.run();
        assert_eq!(*closes.borrow(), [(false, 1006, String::new())]);
    });
}

/// The mistake: it is the whole URL, or the page's origin.
#[test]
fn the_origin_of_a_message_is_that_of_the_url_alone() {
    bounded(|| {
        let origin = Rc::new(RefCell::new(String::new()));
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("x"));
            wire.answer_close(&Frame::close_without_code());
        });
        let event_loop = EventLoop::new();
        let url = peer.url_of("/path?query");
        let socket = WebSocket::builder(&event_loop, &url)
            .origin("http://page.example")
            .open()
            .unwrap();
        socket.set_onmessage({
            let origin = origin.clone();
            move |event| {
                *origin.borrow_mut() = event.origin().to_owned();
                event.target().close();
            }
        });
        event_loop.run();
        let expected = format!("ws://{}", peer.address());
        peer.join();
        assert_eq!(*origin.borrow(), expected);
    });
}

/// The mistake: nobody looks at the field.
#[test]
fn a_server_that_did_not_understand_the_key_fails_the_connection() {
    bounded(|| {
        let name = "Sec-WebSocket-Accept";
        let events = events_of_answer(&[], move |head| head.without(name));
        assert_eq!(events, FAILURE);
        let of_another_key = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        let events = events_of_answer(&[], move |head| head.with(name, of_another_key));
        assert_eq!(events, FAILURE);
    });
}

/// The mistake: the field is compared as a whole.
#[test]
fn connection_is_a_list_of_tokens() {
    bounded(|| {
        for value in ["keep-alive, Upgrade", "upgrade, keep-alive", "UPGRADE"] {
            let events = events_of_answer(&[], move |head| head.with("Connection", value));
            assert_eq!(events[0], "OPEN open", "{value}");
        }
    });
}

/// The mistakes: events come from inside the call, come twice, and the state goes back from CLOSED.
#[test]
fn close_while_connecting_fires_nothing_itself_and_all_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let socket = WebSocket::new(&event_loop, &url).unwrap();
        let recorder = Recorder::of(&socket);
        recorder.calling(|| socket.close());
        assert_eq!(recorder.count(), 0);
        assert_eq!(socket.ready_state(), WebSocket::CLOSING);
        event_loop.run();
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
        recorder.calling(|| socket.close());
        event_loop.run();
        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
        assert_eq!(recorder.finished(), FAILURE);
    });
}

/// The mistake: the message is empty.
#[test]
fn each_exception_says_what_was_wrong() {
    let event_loop = EventLoop::new();
    let socket = WebSocket::new(&event_loop, "ws://example.com/").unwrap();
    let with_protocol = WebSocket::with_protocol(&event_loop, "ws://example.com/", "a b");
    let exceptions: [DomException; 5] = [
        WebSocket::new(&event_loop, "ftp://example.com/").unwrap_err(),
        with_protocol.unwrap_err(),
        socket.send("too early").unwrap_err(),
        socket.close_with(1001, "").unwrap_err(),
        socket.close_with(1000, &"x".repeat(124)).unwrap_err(),
    ];
    for exception in exceptions {
        assert!(exception.message().len() > 10, "{exception:?}");
    }
}

/// The mistake: a code is sent that script did not give.
#[test]
fn close_without_a_code_sends_none() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.answer_close(&Frame::close_without_code());
            },
            |socket, _| socket.set_onopen(|event| event.target().close()),
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 1005"]);
    });
}

/// The mistakes: a close is clean if its code is 1000, and its code and reason go nowhere.
#[test]
fn a_close_is_clean_whatever_its_code_and_tells_code_and_reason() {
    bounded(|| {
        let events = session(
            |mut wire| {
                wire.accept_upgrade();
                wire.send_frame(&Frame::close(4321, "said why"));
                wire.expect_from_client(&Frame::close(4321, ""));
            },
            |_, _| (),
        );
        assert_eq!(events, ["OPEN open", "CLOSED close clean 4321 said why"]);
    });
}

/// The mistake: a thread looks every ten milliseconds whether there is something to do.
#[test]
fn nobody_wakes_a_loop_whose_sockets_have_nothing_to_do() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let may_end = Gate::new(&event_loop);
        let (socket, _, peer) = opened(&event_loop, {
            let may_end = may_end.clone();
            move |mut wire| {
                may_end.wait();
                wire.answer_close(&Frame::close_without_code());
            }
        });
        let (wake, woken) = mpsc::channel();
        event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
        expect_quiet(&event_loop, &woken);
        event_loop.set_wake_up(|| ());
        may_end.open();
        socket.close();
        event_loop.run();
        peer.join();
    });
}
