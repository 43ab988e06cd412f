//! Script that means harm: no argument, getter or handler brings the host down.

use super::{Fixture, Subject};
use crate::WebSocket;

pub(super) fn any_argument_is_survived<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const odd = [undefined, null, true, false, 0, -0, NaN, Infinity, -1, 2 ** 53, 1n, '', '\ud800', Symbol('s'),
            {}, [], () => {}, class {}, Object.create(null), new Proxy({}, {}), new Proxy(() => {}, {}), /x/,
            new Date(), new Map(), new ArrayBuffer(2), new DataView(new ArrayBuffer(2)), new Uint8Array(2),
            Promise.resolve(), new Error('x'), globalThis, Symbol.iterator, new Event('x'), new EventTarget(),
            new Blob(), AbortSignal.abort(), new WebSocket('ws://127.0.0.1:1/')];
        const interfaces = [WebSocket, CloseEvent, MessageEvent, ErrorEvent, Event, EventTarget, DOMException,
            Blob, AbortController, AbortSignal];
        let calls = 0;
        const attempt = (call) => { calls++; try { call(); } catch { } };
        for (const Interface of interfaces) {
            for (const a of odd) {
                attempt(() => Interface(a));
                attempt(() => Reflect.construct(Interface, [], typeof a === 'function' ? a : Interface));
                for (const b of odd) attempt(() => { if (Interface !== WebSocket) new Interface(a, b); });
            }
        }
        for (const a of odd) for (const b of [odd[0], odd[4], odd[13], odd[14], odd[15]]) attempt(() => new WebSocket(a, b));
        const objects = () => [new WebSocket('ws://127.0.0.1:1/'), new CloseEvent('x'), new MessageEvent('x'),
            new ErrorEvent('x'), new EventTarget(), new DOMException(), new Blob(['x']), new AbortController(),
            new AbortController().signal];
        for (const object of objects()) {
            for (let proto = object; proto; proto = Object.getPrototypeOf(proto)) {
                if (proto === Object.prototype) break;
                for (const key of Reflect.ownKeys(proto)) {
                    const { get, set, value } = Object.getOwnPropertyDescriptor(proto, key);
                    for (const a of odd) {
                        if (get) attempt(() => get.call(a));
                        if (set) { attempt(() => set.call(a, a)); attempt(() => set.call(object, a)); }
                        if (typeof value === 'function' && key !== 'constructor') {
                            attempt(() => value.call(a, a, a, a));
                            attempt(() => value.call(object, a, a, a));
                            attempt(() => value.call(object, 'x', a, a, a, a, a, a, a));
                        }
                    }
                }
            }
        }
        log.push(calls > 5000);",
    );
    assert_eq!(fixture.log().split(' ').next_back(), Some("true"));
    for reported in &*fixture.reported.borrow() {
        assert!(!reported.starts_with("a panic"), "{reported}");
    }
}

pub(super) fn getters_throw<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const thrower = new Proxy(function () {}, {
            get() { throw 'thrown'; }, has() { throw 'thrown'; }, getPrototypeOf() { throw 'thrown'; },
            getOwnPropertyDescriptor() { throw 'thrown'; }, apply() { throw 'thrown'; }, construct() { throw 'thrown'; },
        });
        const caught = (call) => { try { call(); } catch (e) { same(e, 'thrown', String(call)); return; } failures.push(String(call)); };
        caught(() => new WebSocket(thrower));
        caught(() => new WebSocket('ws://127.0.0.1:1/', thrower));
        caught(() => new Event('x', thrower));
        caught(() => new CloseEvent('x', thrower));
        caught(() => new MessageEvent('x', { ports: thrower }));
        caught(() => new Blob(thrower));
        caught(() => new Blob([thrower]));
        caught(() => new EventTarget().addEventListener('x', null, thrower));
        caught(() => AbortSignal.any(thrower));
        caught(() => Reflect.construct(WebSocket, ['ws://127.0.0.1:1/'], thrower));
        caught(() => Reflect.construct(Event, ['x'], thrower));
        const socket = new WebSocket('ws://127.0.0.1:1/');
        caught(() => socket.close(thrower));
        caught(() => socket.close(1000, thrower));
        caught(() => socket.send(thrower));
        caught(() => { socket.binaryType = thrower; });
        socket.onmessage = thrower;
        socket.addEventListener('message', new Proxy({}, { get() { throw 'thrown'; } }));
        same(socket.dispatchEvent(new Event('message')), true);",
    );
    assert_eq!(*fixture.reported.borrow(), ["thrown", "thrown"]);
}

pub(super) fn handlers_replace_and_close_each_other<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve(|socket: &WebSocket| {
        for i in 0..5 {
            socket.send(format!("{i}")).unwrap();
        }
    });
    fixture.test(
        r"
        const [a, b] = [new WebSocket(address), new WebSocket(address)];
        const second = ({ data }) => { log.push('second' + data); b.onmessage = null; b.close(); a.close(); };
        a.onmessage = ({ data }) => { log.push('first' + data); a.onmessage = second; };
        a.onclose = () => { log.push('closed'); a.onclose = () => log.push('again'); };
        a.addEventListener('close', function once() {
            a.removeEventListener('close', once);
            a.dispatchEvent(new CloseEvent('close'));
            throw new Error('end');
        }, { once: true });
        a.addEventListener('close', () => { a.onclose = null; log.push('after'); });",
    );
    let log = fixture.log();
    // The exception comes last of the listener that dispatches, and "after" takes the handler away.
    assert_eq!(log, "first0 second1 closed again after after");
    assert_eq!(*fixture.reported.borrow(), ["Error: end"]);
}

pub(super) fn handlers_that_throw_do_not_keep_the_close_away<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onopen = () => { socket.send('x'); throw 1; };
        socket.onmessage = () => { socket.close(); throw 2; };
        socket.onclose = (e) => { log.push(e.code); throw 3; };",
    );
    assert_eq!(fixture.log(), "1005");
    assert_eq!(*fixture.reported.borrow(), ["1", "2", "3"]);
}

pub(super) fn the_globals_may_be_replaced<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const { WebSocket: W, Event: Ev, MessageEvent: M } = globalThis;
        const keep = new Set(['log', 'failures', 'same', 'throws', 'codes', 'address', 'globalThis']);
        for (const name of Reflect.ownKeys(globalThis)) {
            if (keep.has(name) || typeof name === 'symbol') continue;
            try { globalThis[name] = undefined; } catch {}
            try { delete globalThis[name]; } catch {}
        }
        const socket = new W(address);
        socket.onopen = (e) => { log.push(e instanceof Ev); socket.send('x'); };
        socket.onmessage = (e) => { log.push(e instanceof M, e.data, e.ports.length); socket.close(3000); };
        socket.onclose = (e) => {
            log.push(e.code);
            try { new W('bad url'); } catch (x) { log.push(x.name); }
            try { socket.url = new (class extends W { constructor() { super(); } })(); } catch (x) { log.push(x.name); }
        };",
    );
    assert_eq!(fixture.log(), "true true x 0 3000 SyntaxError TypeError");
}

pub(super) fn prototypes_may_be_tampered_with<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const trap = { __proto__: null, get() { failures.push('read'); }, set() { failures.push('written'); }, configurable: true };
        const names = ['target', 'currentTarget', 'data', 'signal', 'type', 'get', 'value', 'handleEvent'];
        for (const name of names) {
            Object.defineProperty(Object.prototype, name, trap);
        }
        const removed = {};
        Object.defineProperty(EventTarget.prototype, 'dispatchEvent', { __proto__: null, value() { failures.push('used'); } });
        Object.defineProperty(Event.prototype, 'stopPropagation', { __proto__: null, value() { failures.push('used'); } });
        Object.setPrototypeOf(WebSocket.prototype, null);
        Array.prototype[Symbol.iterator] = function* () { failures.push('iterated'); };
        const socket = new WebSocket(address);
        socket.onopen = () => socket.send('x');
        socket.onmessage = (e) => { const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data');
            log.push(get.call(e)); socket.close(); };
        socket.onclose = () => names.forEach((name) => delete Object.prototype[name]);",
    );
    assert_eq!(fixture.log(), "x");
}

pub(super) fn a_listener_recurses_without_end<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"
        const target = new EventTarget();
        let depth = 0;
        target.addEventListener('x', () => { if (depth++ < 1e6) target.dispatchEvent(new Event('x')); });
        target.dispatchEvent(new Event('x')); undefined",
    );
    assert!(!fixture.reported.borrow().is_empty());
    assert_eq!(fixture.run("depth > 1 && depth < 1e6"), "true");
    fixture.run(
        r"
        const url = { toString() { return new WebSocket(url).url; } };
        throws('x', () => { try { new WebSocket(url); } catch (e) { log.push(e instanceof Error); throw new Error('x'); } });
        failures.length = 0;",
    );
}

pub(super) fn proxies_stand_for_everything<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        const listener = new Proxy({ handleEvent() { log.push('handled'); } }, {});
        target.addEventListener('x', listener);
        const f = new Proxy(() => log.push('called'), {});
        target.addEventListener('x', f);
        target.dispatchEvent(new Event('x'));
        same(log.join(), 'handled,called');
        const Sub = new Proxy(WebSocket, {});
        same(new Sub('ws://127.0.0.1:1/') instanceof WebSocket, true);
        throws('TypeError', () => target.dispatchEvent(new Proxy(new Event('x'), {})));
        throws('TypeError', () => new Proxy(target, {}).dispatchEvent(new Event('x')));
        const revoked = Proxy.revocable(() => {}, {});
        target.addEventListener('y', revoked.proxy);
        revoked.revoke();
        target.dispatchEvent(new Event('y'));
        throws('TypeError', () => new WebSocket(revoked.proxy));",
    );
}

/// What a realm brings itself is known by its prototype, and a proxy says for itself what that is.
pub(super) fn a_chain_of_prototypes_has_no_end<S: Subject>() {
    let realm = r"
        for (const name of ['AbortSignal', 'Blob', 'Event', 'MessagePort']) {
            const value = class extends Object {};
            Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
        }
        undefined";
    let fixture = Fixture::<S>::after(realm, |options| options);
    fixture.test(
        r"
        const own = new Proxy({}, { getPrototypeOf: () => own });
        const fresh = () => new Proxy({}, { getPrototypeOf: fresh });
        let depth = 0;
        const long = (end) => new Proxy({}, { getPrototypeOf: () => depth-- ? long(end) : end });
        const thrown = {};
        const thrower = new Proxy({}, { getPrototypeOf() { throw thrown; } });
        const uses = [
            (value) => new MessageEvent('x', { ports: [value] }),
            (value) => new EventTarget().dispatchEvent(value),
            (value) => new EventTarget().addEventListener('x', null, { signal: value }),
        ];
        for (const use of uses) {
            for (const endless of [own, fresh()]) throws('TypeError', () => use(endless), String(use));
            throws(thrown, () => use(thrower), String(use));
        }
        depth = 100;
        same(new MessageEvent('x', { ports: [long(MessagePort.prototype)] }).ports.length, 1);
        const socket = new WebSocket('ws://127.0.0.1:1/');
        socket.close();
        same(socket.bufferedAmount, 0);
        socket.send(own);
        same(socket.bufferedAmount, String(own).length);
        throws(thrown, () => socket.send(thrower));",
    );
}

pub(super) fn a_socket_is_closed_in_every_event<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const keeper = new WebSocket(address);
        let left = 0;
        const attempt = (type, close) => {
            left++;
            const socket = new WebSocket(address);
            socket.onopen = () => { try { socket.send('x'); } catch {} };
            socket.addEventListener(type, () => { close(socket); close(socket); try { socket.send('y'); } catch (e) { failures.push(String(e)); } });
            if (type !== 'message') socket.onmessage = () => socket.close();
            socket.onclose = () => { if (--left === 0) keeper.close(); };
        };
        keeper.onopen = () => {
            for (const type of ['open', 'message', 'close']) {
                attempt(type, (s) => s.close());
                attempt(type, (s) => s.close(3000, 'x'));
                attempt(type, (s) => { try { s.close(1); } catch {} s.close(); });
            }
        };",
    );
    assert_eq!(fixture.run("left"), "0");
}

pub(super) fn many_listeners_come_and_go<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        const fs = Array.from({ length: 50 }, (_, i) => () => { log.push(i); target.removeEventListener('x', fs[(i + 7) % 50]); target.addEventListener('x', () => {}, { once: true }); });
        for (const f of fs) target.addEventListener('x', f);
        target.dispatchEvent(new Event('x'));
        target.dispatchEvent(new Event('x'));
        same(new Set(log).size <= 50, true);
        const count = log.length;
        for (const f of fs) target.removeEventListener('x', f);
        target.dispatchEvent(new Event('x'));
        same(log.length, count);",
    );
}

pub(super) fn conversions_close_the_socket<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.onopen = () => {
            socket.send({ toString() { socket.close(3001, 'inside'); return 'late'; } });
            same(socket.bufferedAmount, 4);
            socket.close({ valueOf() { socket.close(3002); return 3003; } });
        };
        socket.onclose = (e) => log.push(e.wasClean, e.code, e.reason);
        new EventTarget().addEventListener('x', null, { get capture() { socket.onmessage = () => failures.push('m'); return true; } });",
    );
    assert_eq!(fixture.log(), "true 3001 ");
}
