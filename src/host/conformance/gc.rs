//! What stays alive, and what becomes garbage: WebSockets section 7, and the engines' own rules.

use super::{Fixture, Subject};
use crate::WebSocket;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The sockets that a server has now, and the codes of those that were closed.
#[derive(Default)]
struct Seen {
    open: Cell<usize>,
    codes: RefCell<Vec<u16>>,
}

impl Seen {
    fn serve<S: Subject>(fixture: &Fixture<S>) -> Rc<Self> {
        let seen = Rc::new(Self::default());
        let there = seen.clone();
        fixture.serve(move |socket: &WebSocket| {
            let (open, closed) = (there.clone(), there.clone());
            open.open.set(open.open.get() + 1);
            socket.set_onmessage(|event| event.target().send(event.data()));
            socket.set_onclose(move |event| {
                closed.open.set(closed.open.get() - 1);
                closed.codes.borrow_mut().push(event.code());
            });
        });
        seen
    }
}

pub(super) fn a_socket_with_a_listener_stays<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let seen = Seen::serve(&fixture);
    fixture.run(
        r"(() => {
            const socket = new WebSocket(address);
            globalThis.weak = new WeakRef(socket);
            socket.onmessage = ({ data }) => { log.push(data); };
            socket.addEventListener('open', () => { weak.deref().send('x'); weak.deref().extra = 7; }, { once: true });
        })();",
    );
    assert!(fixture.is_alive("weak"));
    fixture.until(|| fixture.run("log.length") == "1");
    assert!(fixture.is_alive("weak"));
    assert_eq!(seen.open.get(), 1);
    assert_eq!(fixture.run("weak.deref().extra"), "7");
    fixture.run("weak.deref().close(); undefined");
    fixture.settle();
    assert!(!fixture.is_alive("weak"));
}

pub(super) fn a_socket_without_listeners_goes_and_closes<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let seen = Seen::serve(&fixture);
    fixture.run(
        r"(() => {
            const socket = new WebSocket(address);
            globalThis.weak = new WeakRef(socket);
            socket.onopen = () => log.push('open');
        })();",
    );
    assert!(fixture.is_alive("weak"));
    fixture.until(|| fixture.run("log.length") == "1");
    // `open` does not come again.
    fixture.until(|| !fixture.is_alive("weak"));
    fixture.until(|| seen.open.get() == 0);
    assert_eq!(*seen.codes.borrow(), [1005]);
}

pub(super) fn a_socket_whose_listeners_can_hear_nothing_goes<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let seen = Seen::serve(&fixture);
    fixture.run(
        r"(() => {
            const make = (name, setUp) => {
                const socket = new WebSocket(address);
                globalThis[name] = new WeakRef(socket);
                setUp(socket);
            };
            make('other', (s) => s.addEventListener('other', () => s));
            make('cleared', (s) => { s.onmessage = () => s; s.onmessage = null; });
            make('removed', (s) => { const f = () => s; s.addEventListener('message', f); s.removeEventListener('message', f); });
            make('aborted', (s) => { const c = new AbortController(); s.addEventListener('message', () => s, { signal: c.signal }); c.abort(); });
            make('closing', (s) => { s.onopen = () => { s.onopen = null; s.close(); }; s.onmessage = () => s; });
        })();",
    );
    for name in ["other", "cleared", "removed"] {
        assert!(!fixture.is_alive(name), "{name}");
    }
    fixture.until(|| !fixture.is_alive("aborted"));
    fixture.until(|| !fixture.is_alive("closing"));
    fixture.until(|| seen.open.get() == 0);
    fixture.settle();
}

pub(super) fn the_loop_does_not_wait_for_garbage<S: Subject>() {
    let fixture = Fixture::<S>::new();
    // Nobody ever answers there.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    fixture.run(&format!(
        "new WebSocket('ws://{address}');
         (() => {{ const socket = new WebSocket('ws://{address}'); socket.itself = socket; }})()"
    ));
    fixture.settle();
    fixture.run(&format!("new WebSocket('ws://{address}'); undefined"));
    fixture.event_loop.run();
}

pub(super) fn the_loop_does_not_wait_for_what_becomes_garbage<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let seen = Seen::serve(&fixture);
    fixture.run(
        r"globalThis.held = new WebSocket(address);
        held.itself = held;
        held.addEventListener('open', () => log.push('open'), { once: true }); undefined",
    );
    while fixture.run("log.length") == "0" {
        fixture.event_loop.turn();
    }
    for _ in 0..100 {
        fixture.event_loop.turn();
    }
    assert_eq!(seen.open.get(), 1);
    fixture.run("held = null; undefined");
    fixture.settle();
    assert_eq!(*seen.codes.borrow(), [1005]);
}

pub(super) fn the_loop_ends_without_waiting_for_a_collection<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let mut took = Vec::new();
    for _ in 0..20 {
        let begin = Instant::now();
        fixture.serve_echo();
        fixture.run(
            r"(() => {
                const socket = new WebSocket(address);
                socket.onopen = () => socket.send('x');
                socket.onmessage = () => socket.close();
                socket.onclose = () => log.push('closed');
            })();",
        );
        fixture.settle();
        took.push(begin.elapsed());
    }
    assert_eq!(fixture.log().split(' ').count(), 20);
    // There are two in a second at most. The machine may stand still, but not each time.
    let without = took
        .iter()
        .filter(|took| **took < Duration::from_millis(500));
    assert!(without.count() > 1, "{took:?}");
}

pub(super) fn cycles_through_listeners_are_garbage<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let seen = Seen::serve(&fixture);
    fixture.run(
        r"(() => {
            const socket = new WebSocket(address);
            socket.self = socket;
            socket.onopen = () => { log.push('open'); socket.onopen = null; };
            socket.onmessage = () => socket;
            socket.addEventListener('close', { socket, handleEvent() { this.socket; } });
            socket.dispatchEvent(Object.assign(new Event('x'), { socket }));
            globalThis.weak = new WeakRef(socket);
        })();
        globalThis.shut = () => { weak.deref().close(); };",
    );
    fixture.until(|| fixture.run("log.length") == "1");
    assert!(fixture.is_alive("weak"));
    fixture.run("shut(); undefined");
    fixture.settle();
    assert_eq!(seen.open.get(), 0);
    assert!(!fixture.is_alive("weak"));
}

pub(super) fn closed_sockets_are_garbage<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"(() => {
            const socket = new WebSocket('ws://127.0.0.1:1/');
            globalThis.weak = new WeakRef(socket);
            socket.onclose = socket.onerror = socket.onmessage = (e) => { globalThis.last = new WeakRef(e); };
        })();",
    );
    fixture.settle();
    assert!(!fixture.is_alive("weak"));
    assert!(!fixture.is_alive("last"));
}

pub(super) fn targets_and_signals_are_garbage<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"(() => {
            const target = new EventTarget();
            const controller = new AbortController();
            target.addEventListener('x', () => target, { signal: controller.signal });
            controller.signal.onabort = () => controller;
            const any = AbortSignal.any([controller.signal]);
            any.addEventListener('abort', () => [any, target]);
            const event = new CustomLike('x');
            event.target2 = target; target.event = event;
            target.dispatchEvent(event);
            const exception = new DOMException('x'); exception.self = exception;
            const blob = new Blob(['x']); blob.self = blob;
            globalThis.weak = [target, controller, controller.signal, any, event, exception, blob].map((o) => new WeakRef(o));
        })();
        function CustomLike(type) { return Reflect.construct(Event, [type], CustomLike); }
        CustomLike.prototype = Object.create(Event.prototype);",
    );
    for i in 0..7 {
        assert!(!fixture.is_alive(&format!("weak[{i}]")), "{i}");
    }
    fixture.run(
        r"(() => {
            const signal = AbortSignal.timeout(1);
            signal.onabort = () => log.push(signal.aborted);
            globalThis.timed = new WeakRef(signal);
        })();",
    );
    fixture.settle();
    assert_eq!(fixture.log(), "true");
    assert!(!fixture.is_alive("timed"));
}

pub(super) fn dependent_signals_are_held_while_they_are_heard<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"globalThis.controller = new AbortController();
        globalThis.other = new AbortController();
        globalThis.target = new EventTarget();
        globalThis.weak = {};
        (() => {
            const make = (name, setUp) => {
                const any = AbortSignal.any([controller.signal, other.signal]);
                weak[name] = new WeakRef(any);
                setUp(any);
            };
            make('unheard', () => {});
            make('elsewhere', (any) => any.addEventListener('x', () => any));
            make('silenced', (any) => { any.onabort = () => any; any.onabort = null; });
            make('removed', (any) => {
                const f = () => any;
                any.addEventListener('abort', f); any.removeEventListener('abort', f);
            });
            make('heard', (any) => { any.onabort = () => log.push('heard', any.reason, any.aborted); });
            make('removes', (any) => target.addEventListener('x', () => log.push('x'), { signal: any }));
        })();",
    );
    for name in ["unheard", "elsewhere", "silenced", "removed"] {
        assert!(!fixture.is_alive(&format!("weak.{name}")), "{name}");
    }
    for name in ["heard", "removes"] {
        assert!(fixture.is_alive(&format!("weak.{name}")), "{name}");
    }
    fixture.run("target.dispatchEvent(new Event('x')); controller.abort('why'); target.dispatchEvent(new Event('x'))");
    assert_eq!(fixture.log(), "x heard why true");
    for name in ["heard", "removes"] {
        assert!(!fixture.is_alive(&format!("weak.{name}")), "{name}");
    }
    fixture.run("other.abort()");
    assert_eq!(fixture.log(), "");
}

pub(super) fn dependent_signals_leave_nothing_behind<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"globalThis.controller = new AbortController();
        globalThis.weak = [];
        for (let i = 0; i < 1000; i++) {
            weak.push(new WeakRef(AbortSignal.any([controller.signal])));
        }
        // The last listener goes where the source can't be reached.
        for (let i = 0; i < 1000; i++) {
            const [any, remover] = [AbortSignal.any([controller.signal]), new AbortController()];
            any.addEventListener('abort', () => any, { signal: remover.signal });
            remover.abort();
            weak.push(new WeakRef(any));
        }
        for (let i = 0; i < 2000; i++) AbortSignal.any([controller.signal]);",
    );
    fixture.assert_collected("weak");
}

pub(super) fn a_listener_that_runs_once_is_let_go<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"globalThis.target = new EventTarget();
        (() => {
            const f = () => {};
            globalThis.weak = new WeakRef(f);
            target.addEventListener('x', f, { once: true });
        })();",
    );
    assert!(fixture.is_alive("weak"));
    fixture.run("target.dispatchEvent(new Event('x'))");
    assert!(!fixture.is_alive("weak"));
}

pub(super) fn a_removed_listener_is_let_go<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"globalThis.target = new EventTarget();
        globalThis.socket = new WebSocket('ws://127.0.0.1:1/');
        (() => {
            const [f, g, h] = [() => {}, () => {}, () => {}];
            globalThis.weak = [f, g, h].map((f) => new WeakRef(f));
            target.addEventListener('x', f); target.removeEventListener('x', f);
            socket.onopen = g; socket.onopen = null;
            const controller = new AbortController();
            target.addEventListener('x', h, { signal: controller.signal });
            controller.abort();
            target.addEventListener('y', () => {});
        })(); undefined",
    );
    for i in 0..3 {
        assert!(!fixture.is_alive(&format!("weak[{i}]")), "{i}");
    }
}

pub(super) fn what_is_queued_is_sent_first<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let (size, there) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
    let (heard, closed) = (size.clone(), there.clone());
    fixture.serve(move |socket: &WebSocket| {
        let (heard, closed) = (heard.clone(), closed.clone());
        socket.set_onmessage(move |event| {
            heard.set(event.data().as_bytes().map_or(0, <[u8]>::len));
        });
        socket.set_onclose(move |event| closed.set(event.was_clean()));
    });
    fixture.run(
        r"(() => {
            const socket = new WebSocket(address);
            socket.onopen = () => { socket.send('x'.repeat(3_000_000)); socket.onopen = null; };
        })();",
    );
    fixture.until(|| there.get());
    assert_eq!(size.get(), 3_000_000);
}

pub(super) fn a_thousand_sockets_leave_nothing_behind<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"
        globalThis.weak = [];
        globalThis.closed = 0;
        for (let i = 0; i < 1000; i++) {
            const socket = new WebSocket('ws://127.0.0.1:1/' + i);
            weak.push(new WeakRef(socket));
            socket.onclose = () => { closed++; socket.done = true; };
            socket.addEventListener('error', () => socket);
        } undefined",
    );
    fixture.settle();
    assert_eq!(fixture.run("closed"), "1000");
    fixture.assert_collected("weak");
    // An engine that asserts that nothing is left does so now.
    drop(fixture);
}

pub(super) fn a_realm_that_goes_takes_its_sockets_along<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let seen = Seen::serve(&fixture);
    fixture.run(
        r"const sockets = [];
        for (let i = 0; i < 3; i++) {
            const socket = new WebSocket(address);
            socket.onopen = () => { socket.send('x'); };
            socket.onmessage = () => log.push(socket);
            socket.onclose = () => socket;
            sockets.push(socket);
        } undefined",
    );
    fixture.until(|| seen.open.get() == 3 && fixture.run("log.length") == "3");
    let Fixture {
        subject,
        event_loop,
        reported,
        ..
    } = fixture;
    drop(subject);
    event_loop.run();
    assert_eq!(*seen.codes.borrow(), [1001; 3]);
    assert!(reported.borrow().is_empty());
}

pub(super) fn a_realm_that_goes_within_a_message<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve(|socket: &WebSocket| {
        for _ in 0..3 {
            socket.send("x").unwrap();
        }
    });
    fixture.run(
        r"const socket = new WebSocket(address);
        socket.onmessage = () => log.push('x');
        socket.addEventListener('message', () => log.push('y')); undefined",
    );
    let Fixture {
        subject,
        event_loop,
        reported,
        ..
    } = fixture;
    let subject = Rc::new(RefCell::new(Some(subject)));
    // Between two tasks, while messages are queued.
    let going = subject.clone();
    let queue = event_loop.clone();
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        event_loop.turn();
        let heard = subject
            .borrow()
            .as_ref()
            .map(|subject| subject.evaluate("log.length"));
        if heard != Some(Ok("0".to_owned())) {
            break;
        }
        assert!(Instant::now() < end, "no message arrives");
        std::thread::sleep(Duration::from_millis(1));
    }
    queue.queue_task(move || drop(going.borrow_mut().take()));
    drop(queue);
    event_loop.run();
    assert!(subject.borrow().is_none());
    assert!(reported.borrow().is_empty(), "{:?}", reported.borrow());
}
