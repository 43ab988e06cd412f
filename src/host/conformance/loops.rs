//! Engines, and the loops that drive them.

use super::{Fixture, Subject};
use crate::host::Options;
use crate::{EventLoop, Turn, WebSocket};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

pub(super) fn a_loop_of_the_hosts_own_is_woken<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    let (wake, woken) = mpsc::channel();
    fixture.event_loop.set_wake_up(move || {
        let _ = wake.send(());
    });
    fixture.run(
        r"const socket = new WebSocket(address);
        socket.onopen = () => socket.send('x');
        socket.onmessage = (e) => { log.push(e.data); socket.close(); };
        socket.onclose = () => log.push('closed'); undefined",
    );
    loop {
        match fixture.event_loop.turn() {
            Turn::Idle => break,
            Turn::More => {}
            Turn::Waiting => woken.recv_timeout(Duration::from_secs(10)).unwrap(),
        }
    }
    assert_eq!(fixture.log(), "x closed");
}

pub(super) fn the_loop_may_go_first<S: Subject>() {
    let event_loop = EventLoop::new();
    let subject = S::open("", Options::new(&event_loop));
    drop(event_loop);
    let state = subject.evaluate(
        "const socket = new WebSocket('ws://127.0.0.1:4/'); socket.onclose = () => socket;
         socket.readyState",
    );
    assert_eq!(state.as_deref(), Ok("0"));
}

/// The least of an executor.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

pub(super) fn a_future_drives_the_loop<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run("const socket = new WebSocket('ws://127.0.0.1:4/'); socket.onclose = (e) => log.push(e.code); undefined");
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut idle = pin!(fixture.event_loop.until_idle());
    while idle
        .as_mut()
        .poll(&mut Context::from_waker(&waker))
        .is_pending()
    {
        thread::park();
    }
    assert_eq!(fixture.log(), "1006");
}

pub(super) fn an_unloaded_document_hears_nothing<S: Subject>() {
    let document = crate::Document::new("https://example.com/").unwrap();
    let fixture = Fixture::<S>::with(|options| options.document(&document));
    fixture.serve(|socket: &WebSocket| socket.send("x").map(drop).unwrap());
    fixture.run(
        r"const socket = new WebSocket(address);
        socket.onmessage = socket.onerror = socket.onclose = (e) => log.push(e.type);
        globalThis.weak = new WeakRef(socket); undefined",
    );
    while fixture.run("log.length") != "1" {
        while fixture.event_loop.turn() == Turn::More {}
    }
    document.unload();
    fixture.settle();
    assert_eq!(fixture.log(), "message");
    fixture.run("throws('InvalidStateError', () => new WebSocket(address)); undefined");
    fixture.check();
}

pub(super) fn a_page_is_left_in_a_handler<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let closed = Rc::new(Cell::new(0));
    let counted = closed.clone();
    fixture
        .subject
        .define("count", Box::new(move || counted.set(counted.get() + 1)));
    let subject = Rc::new(RefCell::new(None));
    let leaving = Rc::downgrade(&subject);
    fixture.subject.define(
        "leave",
        Box::new(move || {
            let subject = leaving.upgrade().and_then(|subject| subject.take());
            drop::<Option<S>>(subject);
        }),
    );
    fixture.run(
        r"for (let i = 0; i < 3; i++) {
            const socket = new WebSocket('ws://127.0.0.1:4/');
            socket.onerror = () => { leave(); leave(); };
            socket.addEventListener('error', () => count());
            socket.onclose = () => count();
        } undefined",
    );
    let Fixture {
        subject: leaving,
        event_loop,
        ..
    } = fixture;
    *subject.borrow_mut() = Some(leaving);
    event_loop.run();
    assert!(subject.borrow().is_none());
    assert_eq!(closed.get(), 0);
}
