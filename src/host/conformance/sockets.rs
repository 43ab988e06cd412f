//! Script's sockets on real connections: WebSockets sections 3 and 4.

use super::{Fixture, Subject};
use crate::{UserAgent, WebSocket};
use std::cell::Cell;
use std::rc::Rc;

pub(super) fn an_echo_comes_back<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        same(socket.readyState, WebSocket.CONNECTING);
        same(socket.url, address); same(socket.protocol, ''); same(socket.extensions, '');
        socket.onopen = (e) => { log.push(e.type); same(socket.readyState, 1); same(socket.send('hello'), undefined); };
        socket.onmessage = (e) => { log.push(e.type, e.data); same(e.origin, address.slice(0, -1)); same(socket.close(), undefined); };
        socket.onerror = () => failures.push('error');
        socket.onclose = (e) => log.push(e.type, e.wasClean, e.code, e.reason + '.', socket.readyState);",
    );
    assert_eq!(fixture.log(), "open message hello close true 1005 . 3");
}

pub(super) fn binary_messages_are_what_binary_type_says<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        const bytes = new Uint8Array([0, 127, 128, 255]);
        socket.onopen = () => { socket.send(bytes); socket.send(bytes.buffer); socket.send(new Blob([bytes])); };
        let n = 0;
        socket.onmessage = ({ data }) => {
            n++;
            if (n === 1) {
                same(data instanceof Blob, true); same(data.size, 4); same(data.type, '');
                data.arrayBuffer().then((buffer) => log.push(new Uint8Array(buffer).join()));
                socket.binaryType = 'arraybuffer';
            } else {
                same(data instanceof ArrayBuffer, true);
                same(Object.getPrototypeOf(data), ArrayBuffer.prototype);
                log.push(new Uint8Array(data).join());
                new Uint8Array(data)[0] = 9;
                if (n === 3) socket.close();
            }
        };",
    );
    assert_eq!(fixture.log(), "0,127,128,255 0,127,128,255 0,127,128,255");
}

pub(super) fn events_are_trusted_and_have_their_interfaces<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        const events = [];
        const look = (e) => {
            events.push(e);
            same(e.target, socket); same(e.currentTarget, socket); same(e.isTrusted, true);
            same(e.bubbles, false); same(e.cancelable, false); same(e.composed, false); same(e.eventPhase, 2);
            e.preventDefault(); same(e.defaultPrevented, false);
            log.push(Object.prototype.toString.call(e), Object.getPrototypeOf(e) === globalThis[e.constructor.name].prototype);
            if (e.type === 'open') socket.send('x');
            if (e.type === 'message') { socket.close(); same(e.lastEventId, ''); same(e.source, null); same(e.ports.length, 0); }
        };
        socket.onopen = socket.onmessage = socket.onclose = look;
        socket.addEventListener('close', (e) => {
            same(e, events.at(-1));
            for (const old of events.slice(0, 2)) { same(old.target, socket); same(old.currentTarget, null); same(old.eventPhase, 0); }
            same(new Set(events).size, 3);
            same(events[0].timeStamp <= events[2].timeStamp, true);
            // A trusted event that script dispatches is trusted no more.
            const target = new EventTarget();
            target.addEventListener('message', (again) => log.push(again.isTrusted, again.data));
            target.dispatchEvent(events[1]);
        });",
    );
    assert_eq!(
        fixture.log(),
        "[object Event] true [object MessageEvent] true [object CloseEvent] true false x"
    );
}

pub(super) fn a_failure_is_an_error_and_a_close<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        socket.onopen = () => failures.push('open');
        socket.onerror = (e) => { log.push('error', socket.readyState); same(e.constructor, Event);
            throws('InvalidAccessError', () => socket.close(1)); socket.close(); socket.send('x'); };
        socket.onclose = (e) => log.push(e.wasClean, e.code, e.reason + '.', socket.bufferedAmount);
        same(socket.readyState, 0);",
    );
    assert_eq!(fixture.log(), "error 3 false 1006 . 1");
}

pub(super) fn close_codes_and_reasons_arrive<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let heard = Rc::new(std::cell::RefCell::new(Vec::new()));
    let there = heard.clone();
    fixture.serve(move |socket: &WebSocket| {
        let there = there.clone();
        socket.set_onclose(move |event| {
            there
                .borrow_mut()
                .push((event.code(), event.reason().to_owned()));
        });
    });
    fixture.test(
        r"
        const attempts = [[], [1000], [3000, 'why'], [4999, '\u20ac'.repeat(41)], [undefined, 'lost'], [1000, '\ud800']];
        const next = () => {
            const attempt = attempts.shift();
            if (!attempt) return keeper.close();
            const socket = new WebSocket(address);
            socket.onopen = () => { socket.close(...attempt); same(socket.readyState, 2); next(); };
            socket.onclose = (e) => log.push(e.code + e.reason);
        };
        // The server goes with its last client.
        const keeper = new WebSocket(address);
        keeper.onopen = next;",
    );
    let heard = heard.borrow();
    assert_eq!(heard.len(), 7);
    for expected in [
        (1000, String::new()),
        (3000, "why".into()),
        (4999, "€".repeat(41)),
        (1000, "\u{fffd}".into()),
    ] {
        assert!(heard.contains(&expected), "{expected:?} in {heard:?}");
    }
    assert_eq!(heard.iter().filter(|(code, _)| *code == 1005).count(), 3);
}

pub(super) fn closing_while_connecting_fails_later<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onopen = () => failures.push('open');
        socket.onerror = () => log.push('error', socket.readyState);
        socket.onclose = (e) => log.push('close', e.code, e.wasClean);
        socket.close(1000, 'early');
        log.push(socket.readyState);
        new WebSocket(address).onopen = (e) => e.target.close();",
    );
    assert_eq!(fixture.log(), "2 error 3 close 1006 false");
}

pub(super) fn nothing_is_delivered_after_close<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve(|socket: &WebSocket| {
        for i in 0..10 {
            socket.send(format!("{i}")).unwrap();
        }
    });
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onmessage = ({ data }) => { log.push(data); if (data === '2') socket.close(); };
        socket.onclose = (e) => log.push('close');",
    );
    assert_eq!(fixture.log(), "0 1 2 close");
}

pub(super) fn the_buffered_amount_falls_between_tasks<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onopen = () => {
            same(socket.bufferedAmount, 0);
            socket.send('\u20ac'); same(socket.bufferedAmount, 3);
            socket.send(new Uint8Array(10)); same(socket.bufferedAmount, 13);
            Promise.resolve().then(() => same(socket.bufferedAmount, 13));
        };
        let n = 0;
        socket.onmessage = () => { same(socket.bufferedAmount, 0); if (++n === 2) { socket.send('ab'); socket.close(); socket.send('cd'); same(socket.bufferedAmount, 4); } };
        socket.onclose = () => { same(socket.bufferedAmount, 2); socket.send('e'); same(socket.bufferedAmount, 3); log.push('closed'); };",
    );
    assert_eq!(fixture.log(), "closed");
}

pub(super) fn ready_state_changes_in_tasks<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve(|socket: &WebSocket| {
        socket.send("x").unwrap();
        socket.close();
    });
    fixture.test(
        r"
        const socket = new WebSocket(address);
        const states = [];
        const look = (e) => states.push(e.type + socket.readyState);
        for (const type of ['open', 'message', 'error', 'close']) socket.addEventListener(type, look);
        socket.onopen = () => Promise.resolve().then(() => states.push('micro' + socket.readyState));
        socket.onclose = () => log.push(...states);",
    );
    assert_eq!(fixture.log(), "open1 micro1 message1 close3");
}

pub(super) fn the_protocol_is_the_servers_choice<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address, ['soap', 'wamp']);
        socket.onopen = () => { log.push(socket.protocol, socket.extensions); socket.close(); };",
    );
    assert_eq!(fixture.log(), "soap permessage-deflate");
}

pub(super) fn sockets_open_sockets<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        let depth = 0;
        const open = (parent) => {
            const socket = new WebSocket(address);
            const mine = ++depth;
            socket.onopen = () => socket.send(String(mine));
            socket.onmessage = ({ data }) => { log.push(data); if (mine < 5) open(socket); else keeper.close(); socket.close(); };
        };
        const keeper = new WebSocket(address);
        keeper.onopen = () => open(null);",
    );
    assert_eq!(fixture.log(), "1 2 3 4 5");
}

pub(super) fn an_event_is_a_task_of_its_own<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve(|socket: &WebSocket| {
        socket.send("1").unwrap();
        socket.send("2").unwrap();
        socket.close_with(4000, "done").unwrap();
    });
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onmessage = ({ data }) => {
            log.push(data);
            Promise.resolve().then(() => log.push('a' + data)).then(() => log.push('b' + data));
        };
        socket.onclose = (e) => log.push(e.code);",
    );
    assert_eq!(fixture.log(), "1 a1 b1 2 a2 b2 4000");
}

pub(super) fn a_blocked_port_fails<S: Subject>() {
    let fixture = Fixture::<S>::with(|options| {
        options.user_agent(&UserAgent::builder().blocked_ports([9]).build())
    });
    fixture.test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:9/');
        socket.onerror = () => log.push('error');
        socket.onclose = (e) => log.push(e.code);",
    );
    assert_eq!(fixture.log(), "error 1006");
}

pub(super) fn the_origin_is_the_pages<S: Subject>() {
    for (base, origin, expected) in [
        (Some("https://Example.com/x"), None, "https://example.com"),
        (
            None,
            Some("https://other.example:8443"),
            "https://other.example:8443",
        ),
        (Some("https://example.com/x"), Some("null"), "null"),
        (None, None, "null"),
    ] {
        let fixture = Fixture::<S>::with(|mut options| {
            if let Some(base) = base {
                options = options.base_url(base);
            }
            if let Some(origin) = origin {
                options = options.origin(origin);
            }
            options
        });
        fixture.serve_echo();
        let heard = Rc::new(std::cell::RefCell::new(String::new()));
        let there = heard.clone();
        fixture
            .server
            .borrow()
            .as_ref()
            .unwrap()
            .set_onrequest(move |request| {
                *there.borrow_mut() = request.origin().unwrap_or("none").to_owned();
                crate::Answer::accept()
            });
        fixture
            .test("const socket = new WebSocket(address); socket.onopen = () => socket.close();");
        assert_eq!(*heard.borrow(), expected);
    }
}

pub(super) fn a_large_message_arrives_whole<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.binaryType = 'arraybuffer';
        const bytes = new Uint8Array(1 << 20);
        for (let i = 0; i < bytes.length; i += 1021) bytes[i] = i;
        const text = '\u20ac'.repeat(100_000);
        socket.onopen = () => { socket.send(bytes); socket.send(text); };
        socket.onmessage = ({ data }) => {
            if (typeof data === 'string') { same(data === text, true); socket.close(); log.push('text'); return; }
            const got = new Uint8Array(data);
            same(got.length, bytes.length);
            let equal = true;
            for (let i = 0; i < bytes.length; i += 1021) equal &&= got[i] === bytes[i];
            same(equal, true);
            log.push('bytes');
        };",
    );
    assert_eq!(fixture.log(), "bytes text");
}

pub(super) fn text_keeps_every_character<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r#"
        const socket = new WebSocket(address);
        const texts = ['\0', '"', '\\', '\u2028', '\ufeffx', '\uffff', '\u{10ffff}', '\x7f\x80\xff',
            'a\u0301', '\ud83d\ude00'.repeat(3)];
        socket.onopen = () => texts.forEach((text) => socket.send(text));
        socket.onmessage = ({ data }) => { same(data, texts.shift()); if (!texts.length) { socket.close(); log.push('all'); } };"#,
    );
    assert_eq!(fixture.log(), "all");
}

pub(super) fn many_sockets_share_a_loop<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let count = Rc::new(Cell::new(0));
    let there = count.clone();
    fixture.serve(move |socket: &WebSocket| {
        there.set(there.get() + 1);
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    fixture.test(
        r"
        let left = 50;
        // One stays until the end, so that the server does.
        const first = new WebSocket(address);
        first.onopen = () => {
            for (let i = 0; i < 50; i++) {
                const socket = new WebSocket(address);
                socket.onopen = () => socket.send(String(i));
                socket.onmessage = ({ data }) => { same(data, String(i)); socket.close(); };
                socket.onclose = ({ wasClean }) => { same(wasClean, true); if (--left === 0) first.close(); };
            }
        };",
    );
    assert_eq!(count.get(), 51);
    assert_eq!(fixture.run("left"), "0");
}

pub(super) fn each_received_event_is_an_object_of_its_own<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve(|socket: &WebSocket| {
        for i in 0..4 {
            socket.send(format!("{i}")).unwrap();
        }
        socket.close();
    });
    fixture.test(
        r"
        const socket = new WebSocket(address);
        const { get } = Object.getOwnPropertyDescriptor(new Event('x'), 'isTrusted');
        const events = [];
        socket.onmessage = (e) => {
            same(Reflect.ownKeys(e).join(), 'isTrusted');
            const descriptor = Object.getOwnPropertyDescriptor(e, 'isTrusted');
            same(descriptor.get, get); same(descriptor.set, undefined);
            same(descriptor.enumerable, true); same(descriptor.configurable, false);
            same(Object.isExtensible(e), true); same(Object.getPrototypeOf(e), MessageEvent.prototype);
            same(Reflect.deleteProperty(e, 'isTrusted'), false); same(e.isTrusted, true);
            // None of it is seen by the next.
            if (e.data === '0') { e.more = 1; Object.defineProperty(e, 'data', { value: 'other' }); }
            if (e.data === '1') Object.setPrototypeOf(e, { mine: true });
            if (e.data === '2') Object.freeze(e);
            events.push(e);
        };
        socket.onclose = (e) => {
            same(Reflect.ownKeys(e).join(), 'isTrusted');
            same(new Set(events).size, 4); same(events[0].more, 1);
            log.push(events.map((e) => e.data).join());
        };",
    );
    assert_eq!(fixture.log(), "other,,2,3");
}

pub(super) fn a_microtask_finds_the_event_under_way<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        let last;
        socket.onopen = () => socket.send('x');
        socket.onmessage = (e) => {
            last = e;
            Promise.resolve().then(() => {
                same(e.target, socket); same(e.currentTarget, socket); same(e.eventPhase, 2);
                same(e.composedPath().length, 1); same(e.composedPath()[0], socket);
                throws('InvalidStateError', () => socket.dispatchEvent(e));
                log.push(e.data);
                socket.close();
            });
        };
        socket.onclose = () => {
            same(last.target, socket); same(last.currentTarget, null); same(last.eventPhase, 0);
            same(last.composedPath().length, 0);
            log.push('closed');
        };",
    );
    assert_eq!(fixture.log(), "x closed");
}

pub(super) fn what_the_only_listener_does_to_the_list_is_heeded<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve(|socket: &WebSocket| {
        for i in 0..4 {
            socket.send(format!("{i}")).unwrap();
        }
        socket.close();
    });
    fixture.test(
        r"
        const socket = new WebSocket(address);
        const late = (e) => { log.push('late' + e.data); socket.removeEventListener('message', late); };
        const plain = (e) => {
            log.push('plain' + e.data);
            socket.removeEventListener('message', plain);
            socket.addEventListener('message', capturing, true);
        };
        const capturing = (e) => {
            log.push('capturing' + e.data);
            socket.removeEventListener('message', capturing, true);
            // In time for the pass that is still to come.
            Promise.resolve().then(() => socket.addEventListener('message', once, { once: true }));
        };
        const once = (e) => {
            log.push('once' + e.data);
            socket.addEventListener('message', late);
            socket.onmessage = handler;
        };
        const handler = (e) => { log.push('handler' + e.data); socket.onmessage = null; };
        socket.addEventListener('message', plain);
        socket.onclose = () => log.push('close');",
    );
    assert_eq!(
        fixture.log(),
        "plain0 capturing1 once1 late2 handler2 close"
    );
}
