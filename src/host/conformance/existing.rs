//! Realms that have interfaces of their own: these are used, and inherited from.

use super::{Fixture, Subject};
use crate::host::Options;

/// What a realm of some host might have.
const OWN: &str = r"
    globalThis.own = {
        EventTarget: class EventTarget {
            #listeners = [];
            addEventListener(type, f) { this.#listeners.push([type, f]); }
            removeEventListener(type, f) { this.#listeners = this.#listeners.filter(([t, g]) => t !== type || g !== f); }
            dispatchEvent(event) { for (const [type, f] of this.#listeners) if (type === event.type) f.call(this, event); return true; }
        },
        Event: class Event {
            #type; #prevented = false;
            constructor(type) { this.#type = type; }
            get type() { return this.#type; }
            get defaultPrevented() { return this.#prevented; }
            preventDefault() { this.#prevented = true; }
        },
        DOMException: class DOMException extends Error {
            #name;
            constructor(message, name) { super(message); this.#name = name; }
            get name() { return this.#name; }
        },
        Blob: class Blob {
            #bytes;
            constructor(parts) { this.#bytes = new Uint8Array(parts[0]); }
            get size() { return this.#bytes.length; }
            async arrayBuffer() { await null; await null; return this.#bytes.slice().buffer; }
        },
    };
    own.MessageEvent = class MessageEvent extends own.Event {};
    own.CloseEvent = class CloseEvent extends own.Event {};
    own.AbortSignal = class AbortSignal extends own.EventTarget { aborted = false; };
    own.AbortController = class AbortController {
        signal = new own.AbortSignal();
        abort() { this.signal.aborted = true; this.signal.dispatchEvent(new own.Event('abort')); }
    };
    for (const [name, value] of Object.entries(own)) {
        Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
    }
    undefined";

fn realm<S: Subject>() -> Fixture<S> {
    Fixture::after(OWN, |options| options)
}

pub(super) fn what_the_realm_has_stays<S: Subject>() {
    realm::<S>().test(
        r"
        for (const [name, value] of Object.entries(own)) same(globalThis[name], value, name);
        same(Object.getPrototypeOf(WebSocket), EventTarget);
        same(Object.getPrototypeOf(WebSocket.prototype), EventTarget.prototype);
        same(Object.getPrototypeOf(ErrorEvent), Event);
        same(Object.getPrototypeOf(ErrorEvent.prototype), Event.prototype);
        same(Reflect.ownKeys(EventTarget.prototype).join(), 'constructor,addEventListener,removeEventListener,dispatchEvent');
        const socket = new WebSocket('ws://127.0.0.1:4/');
        same(socket instanceof EventTarget, true);
        const error = new ErrorEvent('x', { message: 'm', cancelable: true });
        same(error instanceof Event, true);
        same([error.type, error.message, error.cancelable].join(), 'x,m,true');
        const plain = new own.EventTarget();
        plain.addEventListener('x', () => log.push('plain'));
        plain.dispatchEvent(new Event('x'));
        same(log.join(), 'plain');",
    );
}

pub(super) fn sockets_work_all_the_same<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onopen = (e) => { log.push(e instanceof Event, e.type, e.isTrusted, e.target === socket); socket.send('x'); socket.send(new Uint8Array([7])); };
        socket.addEventListener('message', (e) => {
            same(e instanceof MessageEvent, true);
            if (e.data === 'x') { log.push(e.data); return; }
            same(e.data instanceof Blob, true);
            e.data.arrayBuffer().then((buffer) => { log.push(new Uint8Array(buffer)[0]); socket.close(); });
        });
        socket.onclose = (e) => log.push(e instanceof CloseEvent, e.code);",
    );
    assert_eq!(fixture.log(), "true open true true x 7 true 1005");
}

pub(super) fn exceptions_are_the_realms<S: Subject>() {
    realm::<S>().test(
        r"
        const e = throws('SyntaxError', () => new WebSocket('bad url'));
        same(e instanceof own.DOMException, true);
        const socket = new WebSocket('ws://127.0.0.1:4/');
        same(throws('InvalidStateError', () => socket.send('')).constructor, own.DOMException);",
    );
}

pub(super) fn events_of_the_realms_own_reach_listeners<S: Subject>() {
    realm::<S>().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:4/');
        socket.onmessage = (e) => { log.push(e.type); e.preventDefault(); };
        same(socket.dispatchEvent(new Event('message')), false);
        socket.onmessage = null;
        same(socket.dispatchEvent(new Event('message')), true);
        same(socket.dispatchEvent(new ErrorEvent('x')), true);
        throws('TypeError', () => socket.dispatchEvent({ type: 'message' }));
        same(log.join(), 'message');",
    );
}

pub(super) fn signals_of_the_realms_own_remove_listeners<S: Subject>() {
    realm::<S>().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:4/');
        const controller = new AbortController();
        socket.addEventListener('x', () => log.push('x'), { signal: controller.signal });
        socket.dispatchEvent(new ErrorEvent('x'));
        controller.abort();
        socket.dispatchEvent(new ErrorEvent('x'));
        socket.addEventListener('x', () => log.push('never'), { signal: controller.signal });
        socket.dispatchEvent(new ErrorEvent('x'));
        throws('TypeError', () => socket.addEventListener('x', null, { signal: new EventTarget() }));
        same(log.join(), 'x');",
    );
}

pub(super) fn blobs_of_the_realms_own_are_sent_in_order<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => {
            socket.send(new Blob([[1, 2, 3]]));
            same(socket.bufferedAmount, 3);
            socket.send('text');
            same(socket.bufferedAmount, 7);
            socket.close();
        };
        socket.onclose = (e) => log.push(e.wasClean, socket.bufferedAmount);",
    );
    assert_eq!(fixture.log(), "true 0");
}

pub(super) fn many_realms_share_a_loop<S: Subject>() {
    let first = Fixture::<S>::new();
    first.serve_echo();
    let address = first.run("address");
    let others: Vec<S> = (0..3).map(|_| first.apart()).collect();
    let script = |address: &str| {
        format!(
            "globalThis.socket = new WebSocket('{address}');
             socket.onopen = () => socket.send('x');
             socket.onmessage = ({{ data }}) => {{ log.push(data); Promise.resolve().then(() => {{ log.push('micro'); socket.close(); }}); }};
             socket.onclose = (e) => log.push(e.code); undefined"
        )
    };
    // This one keeps the server.
    first.run("globalThis.keeper = new WebSocket(address); keeper.onopen = () => {}; undefined");
    for subject in &others {
        let result = subject.evaluate(&script(&address));
        assert_eq!(result.as_deref(), Ok("undefined"));
    }
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while others
        .iter()
        .any(|subject| subject.evaluate("log.length").as_deref() != Ok("3"))
    {
        assert!(std::time::Instant::now() < end);
        while first.event_loop.turn() == crate::Turn::More {}
    }
    for subject in &others {
        let log = subject.evaluate("log.join(' ')");
        assert_eq!(log.as_deref(), Ok("x micro 1005"));
    }
    drop(others);
    first.run("keeper.close(); undefined");
    first.settle();
}

pub(super) fn a_realm_can_be_installed_in_twice<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.run("globalThis.First = WebSocket; globalThis.Kept = Event; undefined");
    let second = fixture
        .subject
        .install_again(Options::new(&fixture.event_loop));
    fixture.test(
        r"
        same(First === WebSocket, false);
        same(Event, Kept);
        const [a, b] = [new First(address), new WebSocket(address)];
        for (const socket of [a, b]) {
            socket.onopen = (e) => { same(e instanceof Event, true); socket.send('x'); };
            socket.onmessage = (e) => { same(e instanceof MessageEvent, true); log.push(e.data); socket.close(); };
            socket.onclose = (e) => log.push(e.code);
        }
        const event = new Event('x');
        b.addEventListener('x', (e) => { same(e.target, b); log.push(e.type); });
        b.dispatchEvent(event);
        same(throws('SyntaxError', () => new WebSocket('bad url')) instanceof DOMException, true);",
    );
    let mut log: Vec<_> = fixture.log().split(' ').map(str::to_owned).collect();
    log.sort();
    assert_eq!(log, ["1005", "1005", "x", "x", "x"]);
    drop(second);
    assert_eq!(
        fixture.run("new First('ws://127.0.0.1:4/').readyState"),
        "0"
    );
    fixture.run("throws('InvalidStateError', () => new WebSocket('ws://127.0.0.1:4/')); undefined");
    fixture.settle();
    fixture.check();
}
