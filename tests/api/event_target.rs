//! `addEventListener`, `removeEventListener` and `dispatchEvent`.
//!
//! No turn of the loop is taken, so that no connection is attempted.

use dom_websocket::{
    AbortController, AddEventListenerOptions, Dispatch, Event, EventInit, EventListener, EventLoop,
    WebSocket,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A socket, and the names of the listeners that were called.
struct Target {
    _event_loop: EventLoop,
    socket: WebSocket,
    calls: Calls,
}

#[derive(Clone, Default)]
struct Calls(Rc<RefCell<Vec<&'static str>>>);

impl Calls {
    fn push(&self, name: &'static str) {
        self.0.borrow_mut().push(name);
    }

    fn take(&self) -> Vec<&'static str> {
        self.0.take()
    }

    /// A listener that only notes its call.
    fn listener(&self, name: &'static str) -> EventListener {
        self.listener_that(name, |_| ())
    }

    fn listener_that(
        &self,
        name: &'static str,
        does: impl Fn(Dispatch<'_>) + 'static,
    ) -> EventListener {
        let calls = self.clone();
        EventListener::new(move |event| {
            calls.push(name);
            does(event);
        })
    }
}

impl Target {
    fn new() -> Self {
        let event_loop = EventLoop::new();
        Self {
            socket: support::html5(&event_loop, "ws://example.com/").unwrap(),
            _event_loop: event_loop,
            calls: Calls::default(),
        }
    }

    fn add(&self, listener: &EventListener, options: AddEventListenerOptions) {
        self.socket.add_event_listener_with("x", listener, options);
    }

    fn add_named(&self, name: &'static str, options: AddEventListenerOptions) {
        self.add(&self.calls.listener(name), options);
    }

    /// Dispatches an event; the calls that came of it.
    fn dispatch(&self) -> Vec<&'static str> {
        self.socket.dispatch_event(&cancelable("x")).unwrap();
        self.calls.take()
    }
}

fn cancelable(type_: &'static str) -> Event {
    let init = EventInit {
        cancelable: true,
        ..EventInit::default()
    };
    Event::new(type_, init)
}

fn plain() -> AddEventListenerOptions {
    AddEventListenerOptions::default()
}

fn capture() -> AddEventListenerOptions {
    AddEventListenerOptions {
        capture: true,
        ..plain()
    }
}

fn once() -> AddEventListenerOptions {
    AddEventListenerOptions {
        once: true,
        ..plain()
    }
}

fn passive() -> AddEventListenerOptions {
    AddEventListenerOptions {
        passive: true,
        ..plain()
    }
}

#[test]
fn listeners_are_called_in_the_order_of_their_registration() {
    let target = Target::new();
    for name in ["a", "b", "c"] {
        target.add_named(name, plain());
    }
    assert_eq!(target.dispatch(), ["a", "b", "c"]);
    assert_eq!(target.dispatch(), ["a", "b", "c"], "each time");
}

#[test]
fn only_listeners_of_the_events_type_are_called() {
    let target = Target::new();
    target.add_named("x", plain());
    let other = target.calls.listener("other");
    for type_ in ["X", "", "xx"] {
        target
            .socket
            .add_event_listener_with(type_, &other, plain());
    }
    assert_eq!(target.dispatch(), ["x"]);
}

#[test]
fn listeners_that_capture_are_called_first() {
    let target = Target::new();
    target.add_named("a", plain());
    target.add_named("b", capture());
    target.add_named("c", plain());
    target.add_named("d", capture());
    assert_eq!(target.dispatch(), ["b", "d", "a", "c"]);
}

#[test]
fn a_listener_that_is_registered_twice_is_called_once() {
    let target = Target::new();
    let listener = target.calls.listener("a");
    target.add(&listener, plain());
    target.add_named("b", plain());
    target.add(&listener.clone(), plain());
    assert_eq!(target.dispatch(), ["a", "b"], "in its first place");
}

#[test]
fn the_options_of_a_first_registration_stay() {
    let target = Target::new();
    let listener = target.calls.listener("a");
    target.add(&listener, once());
    target.add(&listener, passive());
    assert_eq!(target.dispatch(), ["a"]);
    assert_eq!(target.dispatch(), [""; 0]);
}

#[test]
fn capturing_and_not_capturing_are_two_registrations() {
    let target = Target::new();
    let listener = target.calls.listener("a");
    target.add(&listener, plain());
    target.add(&listener, capture());
    assert_eq!(target.dispatch(), ["a", "a"]);
    target.socket.remove_event_listener("x", &listener, true);
    assert_eq!(target.dispatch(), ["a"]);
    target.socket.remove_event_listener("x", &listener, false);
    assert_eq!(target.dispatch(), [""; 0]);
}

#[test]
fn removing_looks_at_type_and_capture_and_nothing_else() {
    let target = Target::new();
    let listener = target.calls.listener("a");
    let options = AddEventListenerOptions {
        once: true,
        passive: true,
        ..plain()
    };
    target.add(&listener, options);
    target.socket.remove_event_listener("y", &listener, false);
    target.socket.remove_event_listener("x", &listener, true);
    let other = target.calls.listener("a");
    target.socket.remove_event_listener("x", &other, false);
    assert_eq!(target.calls.take(), [""; 0]);
    target.socket.remove_event_listener("x", &listener, false);
    assert_eq!(target.dispatch(), [""; 0]);
}

#[test]
fn removing_takes_no_other_listener() {
    let target = Target::new();
    let (first, second) = (
        target.calls.listener("first"),
        target.calls.listener("second"),
    );
    let socket = &target.socket;
    for type_ in ["a", "b"] {
        for listener in [&first, &second] {
            socket.add_event_listener_with(type_, listener, plain());
            socket.add_event_listener_with(type_, listener, capture());
        }
    }
    socket.remove_event_listener("b", &second, false);
    for (type_, called) in [
        ("a", &["first", "second", "first", "second"][..]),
        ("b", &["first", "second", "first"]),
    ] {
        socket.dispatch_event(&cancelable(type_)).unwrap();
        assert_eq!(target.calls.take(), called, "{type_}");
    }
}

#[test]
fn a_once_listener_is_gone_before_it_is_called() {
    let target = Target::new();
    let inner = target.calls.listener_that("a", |event| {
        // It does not hear this one.
        event.target().dispatch_event(&cancelable("x")).unwrap();
    });
    target.add(&inner, once());
    target.add_named("b", plain());
    assert_eq!(target.dispatch(), ["a", "b", "b"]);
    assert_eq!(target.dispatch(), ["b"]);
    target.add(&inner, once());
    assert_eq!(
        target.dispatch(),
        ["b", "a", "b"],
        "it can be registered again"
    );
}

#[test]
fn a_passive_listener_can_not_cancel_the_event() {
    let target = Target::new();
    target.add(
        &target
            .calls
            .listener_that("passive", |event| event.prevent_default()),
        passive(),
    );
    let event = cancelable("x");
    assert_eq!(target.socket.dispatch_event(&event), Ok(true));
    assert!(!event.default_prevented());
    target.add(
        &target
            .calls
            .listener_that("other", |event| event.prevent_default()),
        plain(),
    );
    assert_eq!(target.socket.dispatch_event(&event), Ok(false));
    assert!(event.default_prevented());
}

#[test]
fn aborting_a_signal_removes_its_listeners() {
    let target = Target::new();
    let controller = AbortController::new();
    let with_signal = AddEventListenerOptions {
        signal: Some(controller.signal()),
        ..plain()
    };
    target.add_named("a", with_signal.clone());
    target.add_named("b", plain());
    target.add_named("c", with_signal.clone());
    assert_eq!(target.dispatch(), ["a", "b", "c"]);
    controller.abort();
    assert_eq!(target.dispatch(), ["b"]);
    target.add_named("d", with_signal);
    assert_eq!(
        target.dispatch(),
        ["b"],
        "an aborted signal registers nothing"
    );
    controller.abort();
}

#[test]
fn a_signal_that_is_aborted_during_a_dispatch_spares_the_listeners_to_come() {
    let target = Target::new();
    let controller = AbortController::new();
    let signal = controller.signal();
    target.add(
        &target.calls.listener_that("a", move |_| controller.abort()),
        plain(),
    );
    target.add_named(
        "b",
        AddEventListenerOptions {
            signal: Some(signal),
            ..plain()
        },
    );
    assert_eq!(target.dispatch(), ["a"]);
}

#[test]
fn a_second_registration_with_a_signal_is_not_bound_to_it() {
    let target = Target::new();
    let controller = AbortController::new();
    let listener = target.calls.listener("a");
    target.add(&listener, plain());
    let with_signal = AddEventListenerOptions {
        signal: Some(controller.signal()),
        ..plain()
    };
    target.add(&listener, with_signal);
    controller.abort();
    assert_eq!(
        target.dispatch(),
        ["a"],
        "the second one was ignored, its signal too"
    );
}

#[test]
fn a_listener_that_is_removed_during_the_dispatch_is_not_called() {
    let target = Target::new();
    let removed = target.calls.listener("removed");
    let earlier = target.calls.listener("earlier");
    target.add(&earlier, plain());
    target.add(
        &target.calls.listener_that("remover", {
            let (removed, earlier) = (removed.clone(), earlier.clone());
            move |event| {
                for listener in [&removed, &earlier] {
                    event.target().remove_event_listener("x", listener, false);
                }
            }
        }),
        plain(),
    );
    target.add(&removed, plain());
    assert_eq!(target.dispatch(), ["earlier", "remover"]);
    assert_eq!(target.dispatch(), ["remover"]);
}

#[test]
fn a_listener_that_is_removed_and_added_again_waits_for_the_next_event() {
    let target = Target::new();
    let moved = target.calls.listener("moved");
    target.add(
        &target.calls.listener_that("mover", {
            let moved = moved.clone();
            move |event| {
                event.target().remove_event_listener("x", &moved, false);
                event.target().add_event_listener_with("x", &moved, plain());
            }
        }),
        once(),
    );
    target.add(&moved, plain());
    assert_eq!(target.dispatch(), ["mover"]);
    assert_eq!(target.dispatch(), ["moved"]);
}

#[test]
fn a_listener_that_is_added_during_a_pass_is_not_called_in_it() {
    for options in [plain(), capture()] {
        let target = Target::new();
        let added = target.calls.listener("added");
        target.add(
            &target.calls.listener_that("adder", {
                let options = options.clone();
                move |event| {
                    event
                        .target()
                        .add_event_listener_with("x", &added, options.clone());
                }
            }),
            options,
        );
        assert_eq!(target.dispatch(), ["adder"]);
        assert_eq!(target.dispatch(), ["adder", "added"]);
    }
}

#[test]
fn a_listener_that_is_added_in_the_first_pass_is_called_in_the_second() {
    let target = Target::new();
    let added = target.calls.listener("added");
    target.add(
        &target.calls.listener_that("adder", move |event| {
            event.target().add_event_listener_with("x", &added, plain());
        }),
        capture(),
    );
    target.add_named("plain", plain());
    assert_eq!(target.dispatch(), ["adder", "plain", "added"]);
}

#[test]
fn stopping_the_propagation_skips_the_second_pass() {
    let target = Target::new();
    target.add(
        &target
            .calls
            .listener_that("a", |event| event.stop_propagation()),
        capture(),
    );
    target.add_named("b", capture());
    target.add_named("c", plain());
    assert_eq!(target.dispatch(), ["a", "b"]);
}

#[test]
fn stopping_the_propagation_in_the_second_pass_skips_nothing() {
    let target = Target::new();
    target.add(
        &target
            .calls
            .listener_that("a", |event| event.stop_propagation()),
        plain(),
    );
    target.add_named("b", plain());
    assert_eq!(target.dispatch(), ["a", "b"]);
}

#[test]
fn stopping_the_propagation_at_once_skips_every_listener_to_come() {
    let target = Target::new();
    let stop = || {
        let stop = |event: Dispatch<'_>| event.stop_immediate_propagation();
        target.calls.listener_that("stop", stop)
    };
    let second = stop();
    target.add(&second, plain());
    target.add_named("b", plain());
    assert_eq!(target.dispatch(), ["stop"]);
    target.add_named("first", capture());
    target.add(&stop(), capture());
    target.add_named("c", capture());
    assert_eq!(target.dispatch(), ["first", "stop"]);
}

#[test]
fn an_event_is_stopped_for_one_dispatch_only() {
    let target = Target::new();
    let stop = target
        .calls
        .listener_that("stop", |event| event.stop_immediate_propagation());
    target.add(&stop, once());
    target.add_named("a", plain());
    let event = cancelable("x");
    target.socket.dispatch_event(&event).unwrap();
    assert_eq!(target.calls.take(), ["stop"]);
    target.socket.dispatch_event(&event).unwrap();
    assert_eq!(target.calls.take(), ["a"]);
}

#[test]
fn dispatching_another_event_in_a_listener_is_synchronous() {
    let target = Target::new();
    let depth = Rc::new(Cell::new(0));
    let calls = target.calls.clone();
    target.add(
        &EventListener::new(move |event: Dispatch<'_>| {
            calls.push("in");
            depth.set(depth.get() + 1);
            if depth.get() < 3 {
                event.target().dispatch_event(&cancelable("x")).unwrap();
            }
            calls.push("out");
        }),
        plain(),
    );
    assert_eq!(target.dispatch(), ["in", "in", "in", "out", "out", "out"]);
}

#[test]
fn a_listener_holds_nothing_once_it_is_removed() {
    let target = Target::new();
    let held = Rc::new(());
    let listener = {
        let held = held.clone();
        EventListener::new(move |_| drop(held.clone()))
    };
    target.add(&listener, plain());
    target.add(&listener, capture());
    drop(listener.clone());
    target.socket.remove_event_listener("x", &listener, true);
    target.socket.remove_event_listener("x", &listener, false);
    drop(listener);
    assert_eq!(Rc::strong_count(&held), 1);
}
