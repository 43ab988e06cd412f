//! What a callback throws, and the microtask checkpoints between callbacks.

use dom_websocket::{Event, EventInit, EventLoop, Exception, Host, WebSocket};
use std::cell::{Cell, RefCell};
use std::fmt::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::mpsc;

/// What happened, in order: callbacks, and what the host was told.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn push(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// Notes exceptions; notes checkpoints too, if asked to.
struct NotingHost {
    log: Log,
    notes_checkpoints: bool,
}

impl Host for NotingHost {
    fn perform_microtask_checkpoint(&self) {
        if self.notes_checkpoints {
            self.log.push("checkpoint");
        }
    }

    fn report_exception(&self, exception: Exception) {
        let kind = match exception {
            Exception::Error(_) => "error",
            Exception::Panic(_) => "panic",
            _ => "unknown",
        };
        self.log.push(format!("{kind}: {exception}"));
    }
}

fn loop_with_host(notes_checkpoints: bool) -> (EventLoop, Log) {
    let log = Log::default();
    let host = NotingHost {
        log: log.clone(),
        notes_checkpoints,
    };
    (EventLoop::with_host(host), log)
}

/// A socket that is not going to connect.
fn socket(event_loop: &EventLoop) -> WebSocket {
    support::html5(event_loop, "ws://example.com/").unwrap()
}

fn event(type_: &'static str) -> Event {
    Event::new(type_, EventInit::default())
}

/// The text of the panic that leaves this call.
fn panic_of(call: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call)).expect_err("no panic");
    panic.downcast_ref::<&str>().expect("a text").to_string()
}

#[test]
fn an_error_or_a_panic_in_a_listener_is_reported_and_the_others_run() {
    let (event_loop, log) = loop_with_host(false);
    let socket = socket(&event_loop);
    let noting = |name: &'static str| {
        let log = log.clone();
        move |_: dom_websocket::Dispatch<'_>| log.push(name)
    };
    socket.set_onopen(|_| Err::<(), _>("thrown"));
    socket.add_event_listener("open", noting("a"));
    socket.add_event_listener("open", |_| -> () { panic!("a panic") });
    socket.add_event_listener("open", noting("b"));
    socket.add_event_listener("open", |_| -> () { panic!("a panic with {}", "arguments") });
    socket.add_event_listener("open", |_| Err::<bool, _>(Error));
    socket.add_event_listener("open", noting("c"));
    assert_eq!(socket.dispatch_event(&event("open")), Ok(true));
    assert_eq!(
        log.take(),
        [
            "error: thrown".to_owned(),
            "a".to_owned(),
            "panic: a panic".to_owned(),
            "b".to_owned(),
            "panic: a panic with arguments".to_owned(),
            format!("error: {Error}"),
            "c".to_owned(),
        ]
    );
}

#[test]
fn a_payload_without_text_is_reported_too() {
    let (event_loop, log) = loop_with_host(false);
    event_loop.queue_task(|| std::panic::panic_any(7));
    event_loop.run();
    assert_eq!(log.take(), ["panic: a panic without a message"]);
}

#[test]
fn a_panic_in_a_task_is_reported_and_the_next_task_runs() {
    let (event_loop, log) = loop_with_host(false);
    event_loop.queue_task(|| panic!("a task's"));
    event_loop.queue_task({
        let log = log.clone();
        move || log.push("next")
    });
    event_loop.run();
    assert_eq!(log.take(), ["panic: a task's", "next"]);
}

#[test]
fn an_event_that_a_listener_canceled_before_it_threw_is_canceled() {
    let (event_loop, log) = loop_with_host(false);
    let socket = socket(&event_loop);
    socket.add_event_listener("x", |event| {
        event.prevent_default();
        Err::<(), _>("thrown")
    });
    let init = EventInit {
        cancelable: true,
        ..EventInit::default()
    };
    assert_eq!(socket.dispatch_event(&Event::new("x", init)), Ok(false));
    assert_eq!(log.take(), ["error: thrown"]);
}

#[test]
fn a_handler_that_throws_does_not_cancel_the_event() {
    let (event_loop, _log) = loop_with_host(false);
    let socket = socket(&event_loop);
    socket.set_onopen(|_| Err::<bool, _>("thrown"));
    let init = EventInit {
        cancelable: true,
        ..EventInit::default()
    };
    assert_eq!(socket.dispatch_event(&Event::new("open", init)), Ok(true));
}

#[test]
fn without_a_host_a_panic_leaves_the_run_once_the_other_listeners_have_run() {
    let event_loop = EventLoop::new();
    let log = Log::default();
    let socket = socket(&event_loop);
    socket.set_onclose(|_| -> () { panic!("the first") });
    socket.add_event_listener("close", |_| -> () { panic!("the second") });
    socket.add_event_listener("close", {
        let log = log.clone();
        move |_| log.push("listener")
    });
    socket.close();
    event_loop.queue_task({
        let log = log.clone();
        move || log.push("next task")
    });
    assert_eq!(panic_of(|| event_loop.run()), "the first");
    assert_eq!(log.take(), ["listener"]);
    assert_eq!(socket.ready_state(), WebSocket::CLOSED);
    event_loop.run();
    assert_eq!(log.take(), ["next task"], "the loop goes on where it was");
}

#[test]
fn without_a_host_a_panic_leaves_dispatch_event_outside_of_the_loop() {
    let event_loop = EventLoop::new();
    let log = Log::default();
    let socket = socket(&event_loop);
    socket.add_event_listener("x", |_| -> () { panic!("out") });
    socket.add_event_listener("x", {
        let log = log.clone();
        move |_| log.push("listener")
    });
    let x = event("x");
    assert_eq!(panic_of(|| drop(socket.dispatch_event(&x))), "out");
    assert_eq!(log.take(), ["listener"]);
    assert_eq!(x.event_phase(), Event::NONE, "its dispatch is over");
    event_loop.queue_task({
        let log = log.clone();
        move || log.push("task")
    });
    socket.close();
    event_loop.run();
    assert_eq!(log.take(), ["task"]);
}

#[test]
fn without_a_host_an_inner_listeners_panic_leaves_the_outermost_dispatch() {
    let event_loop = EventLoop::new();
    let log = Log::default();
    let socket = socket(&event_loop);
    socket.add_event_listener("inner", |_| -> () { panic!("out") });
    socket.add_event_listener("outer", {
        let log = log.clone();
        move |event_| {
            let result = event_.target().dispatch_event(&event("inner"));
            log.push(format!("inner: {result:?}"));
        }
    });
    assert_eq!(
        panic_of(|| drop(socket.dispatch_event(&event("outer")))),
        "out"
    );
    assert_eq!(log.take(), ["inner: Ok(true)"], "as in a browser");
}

#[test]
fn a_loop_that_a_panic_has_left_calls_its_wake_up_again() {
    let event_loop = EventLoop::new();
    let (wake, woken) = mpsc::channel();
    event_loop.queue_task({
        let event_loop = event_loop.handle();
        move || {
            event_loop.queue_task(|| ());
            panic!("out");
        }
    });
    event_loop.set_wake_up(move || wake.send(()).unwrap());
    woken.try_recv().expect("there is a task");
    panic_of(|| {
        event_loop.turn();
    });
    event_loop.queue_task(|| ());
    woken
        .try_recv()
        .expect("there are tasks that no turn has seen");
}

#[test]
fn what_a_host_reports_comes_back_to_it_or_out_of_the_loop() {
    let (event_loop, log) = loop_with_host(false);
    event_loop.report_exception(Exception::Error("of the host's own script".into()));
    assert_eq!(log.take(), ["error: of the host's own script"]);
    let event_loop = EventLoop::new();
    event_loop.report_exception(Exception::Panic(Box::new("out")));
    let panic = panic_of(|| {
        event_loop.turn();
    });
    assert_eq!(panic, "out");
}

#[test]
fn a_checkpoint_follows_each_listener_of_a_task_and_the_task() {
    let (event_loop, log) = loop_with_host(true);
    let socket = socket(&event_loop);
    for name in ["a", "b"] {
        let log = log.clone();
        socket.add_event_listener("close", move |_| log.push(name));
    }
    socket.set_onclose(|_| Err::<(), _>("thrown"));
    socket.close();
    assert_eq!(log.take(), [""; 0], "not before the loop runs");
    event_loop.run();
    let log = log.take();
    let expected = [
        "error: thrown",
        "checkpoint",
        "a",
        "checkpoint",
        "b",
        "checkpoint",
    ];
    assert_eq!(log[..6], expected);
    assert!(
        log[6..].iter().all(|line| line == "checkpoint") && log.len() > 6,
        "the task's own"
    );
}

#[test]
fn a_checkpoint_follows_each_task() {
    let (event_loop, log) = loop_with_host(true);
    for name in ["a", "b"] {
        let log = log.clone();
        event_loop.queue_task(move || log.push(name));
    }
    event_loop.run();
    let mut log = log.take();
    log.dedup();
    assert_eq!(log, ["a", "checkpoint", "b", "checkpoint"]);
}

#[test]
fn no_checkpoint_follows_a_listener_that_was_called_from_a_listener() {
    let (event_loop, log) = loop_with_host(true);
    let socket = socket(&event_loop);
    for name in ["inner a", "inner b"] {
        let log = log.clone();
        socket.add_event_listener("inner", move |_| log.push(name));
    }
    socket.set_onclose({
        let log = log.clone();
        move |event_| {
            event_.target().dispatch_event(&event("inner")).unwrap();
            log.push("outer");
        }
    });
    socket.close();
    event_loop.run();
    let mut log = log.take();
    log.dedup();
    assert_eq!(log, ["inner a", "inner b", "outer", "checkpoint"]);
}

#[test]
fn a_checkpoint_follows_the_outermost_script_only() {
    let (event_loop, log) = loop_with_host(true);
    let socket = socket(&event_loop);
    socket.add_event_listener("x", {
        let log = log.clone();
        move |_| log.push("listener")
    });
    let result = event_loop.run_script(|| {
        event_loop.run_script(|| log.push("inner script"));
        socket.dispatch_event(&event("x")).unwrap();
        log.push("outer script");
        7
    });
    assert_eq!(result, 7);
    assert_eq!(
        log.take(),
        ["inner script", "listener", "outer script", "checkpoint"]
    );
}

#[test]
fn a_script_that_panics_leaves_an_empty_script_stack() {
    let (event_loop, log) = loop_with_host(true);
    assert_eq!(panic_of(|| event_loop.run_script(|| panic!("out"))), "out");
    log.take();
    event_loop.run_script(|| ());
    assert_eq!(log.take(), ["checkpoint"]);
}

/// A host whose methods use the loop and its sockets.
struct BusyHost {
    log: Log,
    socket: Rc<RefCell<Option<WebSocket>>>,
}

impl Host for BusyHost {
    fn perform_microtask_checkpoint(&self) {
        let socket = self.socket.borrow().clone();
        if let Some(socket) = socket {
            self.log.push("checkpoint");
            self.socket.take();
            socket.dispatch_event(&event("microtask")).unwrap();
        }
    }

    fn report_exception(&self, exception: Exception) {
        self.log.push(format!("{exception}"));
        let socket = self.socket.borrow().clone();
        socket.expect("reported first").close();
    }
}

#[test]
fn a_host_may_use_sockets_in_its_methods() {
    let log = Log::default();
    let slot = Rc::new(RefCell::new(None));
    let event_loop = EventLoop::with_host(BusyHost {
        log: log.clone(),
        socket: slot.clone(),
    });
    let socket = socket(&event_loop);
    socket.add_event_listener("microtask", {
        let log = log.clone();
        move |_| log.push("microtask")
    });
    socket.set_onclose({
        let log = log.clone();
        move |_| log.push("close")
    });
    slot.replace(Some(socket.clone()));
    event_loop.queue_task(|| panic!("reported"));
    event_loop.run();
    assert_eq!(log.take(), ["reported", "checkpoint", "microtask", "close"]);
}

/// The future is no callback: what its event's listeners throw is not its to handle.
#[test]
fn a_panic_in_a_listener_to_a_futures_event_ends_the_turn_and_not_the_future() {
    let event_loop = EventLoop::new();
    let socket = support::html5(&event_loop, &support::url_of_nobody()).unwrap();
    socket.add_event_listener("test", |_| -> () { panic!("a listener's") });
    let goes_on = Rc::new(Cell::new(false));
    event_loop.spawn({
        let goes_on = goes_on.clone();
        async move {
            socket.dispatch_event(&event("test")).unwrap();
            goes_on.set(true);
        }
    });
    let text = panic_of(|| {
        event_loop.turn();
    });
    assert_eq!((text.as_str(), goes_on.get()), ("a listener's", true));
}
