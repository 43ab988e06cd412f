//! `Event`, `MessageEvent` and `CloseEvent`, and the handlers `onopen` and kin.
//!
//! No turn of the loop is taken, so that no connection is attempted.

use dom_websocket::{
    AddEventListenerOptions, CloseEvent, CloseEventInit, Dispatch, DomException, Edition, Event,
    EventInit, EventListener, EventLoop, MessageEvent, MessageEventInit, WebSocket,
};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

fn socket() -> (EventLoop, WebSocket) {
    let event_loop = EventLoop::new();
    let socket = support::html5(&event_loop, "ws://example.com/").unwrap();
    (event_loop, socket)
}

type Calls = Rc<RefCell<Vec<&'static str>>>;

/// A listener or handler that only notes its call.
fn noting(calls: &Calls, name: &'static str) -> impl Fn(Dispatch<'_>) + 'static {
    let calls = calls.clone();
    move |_| calls.borrow_mut().push(name)
}

fn open_event() -> Event {
    Event::new("open", CANCELABLE)
}

const CANCELABLE: EventInit = EventInit {
    bubbles: false,
    cancelable: true,
};

fn error_name<T>(result: Result<T, DomException>) -> Option<&'static str> {
    result.err().map(|exception| exception.name())
}

#[test]
fn each_handler_can_be_set_and_taken_away() {
    for edition in [Edition::Living, Edition::Html5] {
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, "ws://example.com/")
            .edition(edition)
            .open()
            .unwrap();
        let calls = Calls::default();
        socket.set_onopen(noting(&calls, "open"));
        let note = calls.clone();
        socket.set_onmessage(move |_| note.borrow_mut().push("message"));
        socket.set_onerror(noting(&calls, "error"));
        let note = calls.clone();
        socket.set_onclose(move |_| note.borrow_mut().push("close"));
        socket.set_onend(noting(&calls, "end"));
        socket.set_ondrain(noting(&calls, "drain"));
        let types = ["open", "message", "error", "close", "end", "drain"];
        let dispatch = |type_| match type_ {
            "message" => {
                socket.dispatch_event(&MessageEvent::new(type_, MessageEventInit::default()))
            }
            "close" => socket.dispatch_event(&CloseEvent::new(type_, CloseEventInit::default())),
            _ => socket.dispatch_event(&Event::new(type_, CANCELABLE)),
        };
        for type_ in types {
            dispatch(type_).unwrap();
        }
        assert_eq!(calls.take(), types);
        let clear: [fn(&WebSocket); 6] = [
            WebSocket::clear_onopen,
            WebSocket::clear_onmessage,
            WebSocket::clear_onerror,
            WebSocket::clear_onclose,
            WebSocket::clear_onend,
            WebSocket::clear_ondrain,
        ];
        for (index, clear) in clear.iter().enumerate() {
            clear(&socket);
            for type_ in types {
                dispatch(type_).unwrap();
            }
            assert_eq!(
                calls.take(),
                types[index + 1..],
                "without on{}",
                types[index]
            );
        }
    }
}

#[test]
fn a_listener_may_never_return() {
    let (_event_loop, socket) = socket();
    socket.set_onopen(|_| panic!("unexpected"));
    socket.add_event_listener("open", |_| panic!("second"));
    let dispatched = catch_unwind(AssertUnwindSafe(|| socket.dispatch_event(&open_event())));
    assert_eq!(
        *dispatched.unwrap_err().downcast::<&str>().unwrap(),
        "unexpected"
    );
}

#[test]
fn an_event_that_is_being_dispatched_can_not_be_dispatched() {
    let (_event_loop, socket) = socket();
    let event = Rc::new(open_event());
    let seen = Rc::new(Cell::new(None));
    socket.set_onopen({
        let (event, seen) = (event.clone(), seen.clone());
        move |dispatch| seen.set(Some(error_name(dispatch.target().dispatch_event(&*event))))
    });
    assert_eq!(socket.dispatch_event(&*event), Ok(true));
    assert_eq!(seen.get(), Some(Some("InvalidStateError")));
    assert_eq!(
        socket.dispatch_event(&*event),
        Ok(true),
        "afterwards it can"
    );
}

#[test]
fn an_event_that_is_being_dispatched_can_not_be_dispatched_at_another_socket() {
    let (event_loop, socket) = socket();
    let other = support::html5(&event_loop, "ws://example.com/").unwrap();
    let seen = Rc::new(Cell::new(None));
    socket.set_onopen({
        let seen = seen.clone();
        move |dispatch| seen.set(Some(error_name(other.dispatch_event(dispatch))))
    });
    socket.dispatch_event(&open_event()).unwrap();
    assert_eq!(seen.get(), Some(Some("InvalidStateError")));
}

#[test]
fn an_event_that_was_not_initialized_can_not_be_dispatched() {
    let (_event_loop, socket) = socket();
    let calls = Calls::default();
    socket.add_event_listener("", noting(&calls, "called"));
    let mut event = Event::uninitialized();
    let exception = socket.dispatch_event(&event).unwrap_err();
    assert_eq!(exception.name(), "InvalidStateError");
    assert_eq!(exception.code(), DomException::INVALID_STATE_ERR);
    for result in [
        socket.dispatch_event(&MessageEvent::uninitialized()),
        socket.dispatch_event(&CloseEvent::uninitialized()),
    ] {
        assert_eq!(error_name(result), Some("InvalidStateError"));
    }
    assert!(calls.borrow().is_empty());
    event.init_event("", false, false);
    assert_eq!(socket.dispatch_event(&event), Ok(true));
    assert_eq!(*calls.borrow(), ["called"]);
}

#[test]
fn only_a_cancelable_event_can_be_canceled() {
    let (_event_loop, socket) = socket();
    socket.set_onopen(|event| {
        event.prevent_default();
        event.default_prevented()
    });
    assert_eq!(socket.dispatch_event(&open_event()), Ok(false));
    let plain = Event::new("open", EventInit::default());
    assert_eq!(socket.dispatch_event(&plain), Ok(true));
    assert!(!plain.default_prevented());
}

#[test]
fn an_event_stays_canceled_until_it_is_initialized_again() {
    let (_event_loop, socket) = socket();
    let mut event = open_event();
    event.prevent_default();
    assert_eq!(
        socket.dispatch_event(&event),
        Ok(false),
        "canceled beforehand"
    );
    event.init_event("open", false, true);
    assert_eq!(socket.dispatch_event(&event), Ok(true));
}

#[test]
fn an_event_that_was_stopped_beforehand_reaches_nobody() {
    let (_event_loop, socket) = socket();
    let calls = Calls::default();
    socket.set_onopen(noting(&calls, "handler"));
    socket.add_event_listener("open", noting(&calls, "listener"));
    let event = open_event();
    event.stop_propagation();
    assert_eq!(socket.dispatch_event(&event), Ok(true));
    assert!(calls.borrow().is_empty());
}

#[test]
fn an_event_of_ones_own_is_not_trusted_and_at_its_target_while_it_is_dispatched() {
    let (_event_loop, socket) = socket();
    let phases = Rc::new(RefCell::new(Vec::new()));
    for capture in [false, true] {
        let phases = phases.clone();
        let listener = EventListener::new(move |event: Dispatch<'_>| {
            phases.borrow_mut().push(event.event_phase());
            assert!(!event.is_trusted());
            assert_eq!(event.type_(), "open");
        });
        let options = AddEventListenerOptions {
            capture,
            ..Default::default()
        };
        socket.add_event_listener_with("open", &listener, options);
    }
    let event = open_event();
    assert_eq!(event.event_phase(), Event::NONE);
    socket.dispatch_event(&event).unwrap();
    assert_eq!(*phases.borrow(), [Event::AT_TARGET, Event::AT_TARGET]);
    assert_eq!(event.event_phase(), Event::NONE);
}

#[test]
fn the_target_is_the_socket_itself() {
    let (event_loop, socket) = socket();
    let other = support::html5(&event_loop, "ws://example.com/").unwrap();
    let target = Rc::new(RefCell::new(None));
    socket.set_onopen({
        let target = target.clone();
        move |event| drop(target.replace(Some(event.target().clone())))
    });
    socket.dispatch_event(&open_event()).unwrap();
    assert_eq!(target.take(), Some(socket.clone()));
    assert_ne!(socket, other);
}

#[test]
fn a_handler_that_returns_false_cancels_the_event() {
    let (_event_loop, socket) = socket();
    socket.set_onopen(|_| false);
    assert_eq!(socket.dispatch_event(&open_event()), Ok(false));
    socket.set_onopen(|_| true);
    assert_eq!(socket.dispatch_event(&open_event()), Ok(true));
    socket.set_onopen(|_| Ok::<_, DomException>(false));
    assert_eq!(socket.dispatch_event(&open_event()), Ok(false));
}

#[test]
fn a_listener_that_returns_false_cancels_nothing() {
    let (_event_loop, socket) = socket();
    socket.add_event_listener("open", |_| false);
    assert_eq!(socket.dispatch_event(&open_event()), Ok(true));
}

#[test]
fn a_handler_runs_ahead_of_listeners_that_were_there_before_it() {
    let (_event_loop, socket) = socket();
    let calls = Calls::default();
    socket.add_event_listener("open", noting(&calls, "listener"));
    socket.set_onopen(noting(&calls, "handler"));
    let capturing = EventListener::new(noting(&calls, "capturing"));
    let options = AddEventListenerOptions {
        capture: true,
        ..Default::default()
    };
    socket.add_event_listener_with("open", &capturing, options);
    socket.dispatch_event(&open_event()).unwrap();
    assert_eq!(*calls.borrow(), ["capturing", "handler", "listener"]);
}

#[test]
fn a_handler_keeps_its_place_when_it_is_replaced_or_cleared_and_set_again() {
    let (_event_loop, socket) = socket();
    let calls = Calls::default();
    socket.set_onopen(noting(&calls, "first"));
    socket.add_event_listener("open", noting(&calls, "listener"));
    socket.set_onopen(noting(&calls, "second"));
    socket.dispatch_event(&open_event()).unwrap();
    assert_eq!(calls.take(), ["second", "listener"]);
    socket.clear_onopen();
    socket.dispatch_event(&open_event()).unwrap();
    assert_eq!(calls.take(), ["listener"]);
    socket.set_onopen(noting(&calls, "third"));
    socket.dispatch_event(&open_event()).unwrap();
    assert_eq!(calls.take(), ["third", "listener"]);
}

#[test]
fn a_handler_that_replaces_itself_is_over_first() {
    let (_event_loop, socket) = socket();
    let calls = Calls::default();
    let held = Rc::new(());
    socket.set_onopen({
        let (calls, held) = (calls.clone(), held.clone());
        move |event| {
            event.target().set_onopen(noting(&calls, "second"));
            assert_eq!(Rc::strong_count(&held), 2, "this closure is alive");
            calls.borrow_mut().push("first");
        }
    });
    socket.dispatch_event(&open_event()).unwrap();
    assert_eq!(Rc::strong_count(&held), 1);
    socket.dispatch_event(&open_event()).unwrap();
    assert_eq!(*calls.borrow(), ["first", "second"]);
}

#[test]
fn a_handler_can_be_stopped_by_a_listener_that_captures() {
    let (_event_loop, socket) = socket();
    let calls = Calls::default();
    socket.set_onopen(noting(&calls, "handler"));
    let stopping = EventListener::new(|event: Dispatch<'_>| event.stop_immediate_propagation());
    let options = AddEventListenerOptions {
        capture: true,
        ..Default::default()
    };
    socket.add_event_listener_with("open", &stopping, options);
    socket.dispatch_event(&open_event()).unwrap();
    assert!(calls.borrow().is_empty());
}

#[test]
fn a_message_event_of_ones_own_reaches_handler_and_listeners() {
    let (_event_loop, socket) = socket();
    let seen = Rc::new(RefCell::new(Vec::new()));
    socket.set_onmessage({
        let seen = seen.clone();
        move |event| seen.borrow_mut().push(event.data().to_string())
    });
    socket.add_event_listener("message", {
        let seen = seen.clone();
        move |event| {
            let event = event.as_message_event().expect("a MessageEvent");
            seen.borrow_mut().push(event.origin().to_owned());
            seen.borrow_mut().push(event.last_event_id().to_owned());
        }
    });
    let init = MessageEventInit {
        event: CANCELABLE,
        data: "data".into(),
        origin: "http://example.com".into(),
        last_event_id: "7".into(),
    };
    let event = MessageEvent::new("message", init);
    assert_eq!(socket.dispatch_event(&event), Ok(true));
    assert_eq!(*seen.borrow(), ["data", "http://example.com", "7"]);
    let mut event = MessageEvent::uninitialized();
    event.init_message_event("message", false, false, "other", "o", "8");
    assert_eq!(socket.dispatch_event(&event), Ok(true));
    assert_eq!(seen.borrow()[3..], ["other", "o", "8"]);
}

#[test]
fn one_function_serves_all_handlers() {
    let (_event_loop, socket) = socket();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::new({
        let (seen, socket) = (seen.clone(), socket.clone());
        move |event: Dispatch<'_>| {
            assert_eq!(*event.target(), socket);
            // It is still the event that it was.
            let line = match (event.as_message_event(), event.as_close_event()) {
                (Some(event), None) => format!("{} {}", event.type_(), event.data()),
                (None, Some(event)) => format!("{} {}", event.type_(), event.code()),
                _ => event.type_().to_owned(),
            };
            event.prevent_default();
            seen.borrow_mut().push(line);
        }
    });
    let [one, two, three, four] = [&log; 4].map(Rc::clone);
    socket.set_onopen(move |event| one(event));
    socket.set_onmessage(move |event| two(event.into()));
    socket.set_onerror(move |event| three(event));
    socket.set_onclose(move |event| four(event.into()));
    let message = MessageEventInit {
        event: CANCELABLE,
        data: "hello".into(),
        ..Default::default()
    };
    let close = CloseEventInit {
        event: CANCELABLE,
        code: 4000,
        ..Default::default()
    };
    let error = Event::new("error", CANCELABLE);
    let message = MessageEvent::new("message", message);
    let close = CloseEvent::new("close", close);
    assert_eq!(socket.dispatch_event(&open_event()), Ok(false));
    assert_eq!(socket.dispatch_event(&message), Ok(false));
    assert_eq!(socket.dispatch_event(&error), Ok(false));
    assert_eq!(socket.dispatch_event(&close), Ok(false));
    let expected = ["open", "message hello", "error", "close 4000"];
    assert_eq!(*seen.borrow(), expected);
}

#[test]
fn a_close_event_of_ones_own_changes_no_state() {
    let (_event_loop, socket) = socket();
    let seen = Rc::new(RefCell::new(Vec::new()));
    socket.set_onclose({
        let seen = seen.clone();
        move |event| {
            let details = (event.was_clean(), event.code(), event.reason().to_owned());
            seen.borrow_mut().push(details);
            false
        }
    });
    let init = CloseEventInit {
        event: CANCELABLE,
        was_clean: true,
        code: 4000,
        reason: "why".into(),
    };
    assert_eq!(
        socket.dispatch_event(&CloseEvent::new("close", init)),
        Ok(false)
    );
    let mut event = CloseEvent::uninitialized();
    assert!(!event.was_clean());
    event.init_close_event("close", true, false, true);
    assert!(event.was_clean() && event.bubbles() && !event.cancelable());
    assert_eq!(socket.dispatch_event(&event), Ok(true));
    assert_eq!(
        *seen.borrow(),
        [(true, 4000, "why".to_owned()), (true, 0, String::new())]
    );
    assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
}

#[test]
fn an_event_that_only_has_the_right_name_reaches_listeners_and_no_handler() {
    let (_event_loop, socket) = socket();
    let calls = Calls::default();
    socket.set_onmessage({
        let calls = calls.clone();
        move |_| calls.borrow_mut().push("onmessage")
    });
    socket.set_onclose({
        let calls = calls.clone();
        move |_| calls.borrow_mut().push("onclose")
    });
    for type_ in ["message", "close"] {
        socket.add_event_listener(type_, noting(&calls, type_));
        socket
            .dispatch_event(&Event::new(type_, EventInit::default()))
            .unwrap();
    }
    assert_eq!(*calls.borrow(), ["message", "close"]);
}
