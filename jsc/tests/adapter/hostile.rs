//! Script that throws wherever it is asked, and memory that is not what it was.

use crate::subject::Jsc;
use dom_websocket::MessageData;
use dom_websocket::host::conformance::Fixture;
use std::cell::RefCell;
use std::rc::Rc;

/// A socket `s` that is open, and what the server gets on it.
fn open() -> (Fixture<Jsc>, Rc<RefCell<Vec<String>>>) {
    let fixture = Fixture::<Jsc>::new();
    let received = Rc::<RefCell<Vec<String>>>::default();
    let heard = received.clone();
    fixture.serve(move |socket| {
        let heard = heard.clone();
        socket.set_onmessage(move |event| {
            heard.borrow_mut().push(match event.data() {
                MessageData::Text(text) if text.len() > 20 => format!("text {}", text.len()),
                MessageData::Text(text) => text.to_string(),
                data => format!("{:?}", data.as_bytes().unwrap_or_default()),
            });
        });
    });
    fixture
        .run("globalThis.s = new WebSocket(address); s.onopen = () => log.push('open'); undefined");
    fixture.until(|| fixture.run("log.length") == "1");
    (fixture, received)
}

#[test]
fn bytes_are_those_of_the_moment() {
    let (fixture, received) = open();
    fixture.run(
        "const bytes = (...numbers) => new Uint8Array(numbers);
         const detached = bytes(1, 2); const view = new DataView(detached.buffer); detached.buffer.transfer();
         s.send(detached); s.send(view); s.send(detached.buffer);
         const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
         const [tail, all] = [new Uint8Array(resizable, 2), new Uint8Array(resizable)];
         const fixed = new Uint8Array(resizable, 1, 3);
         all.fill(7);
         throws('TypeError', () => s.send(tail)); throws('TypeError', () => s.send(resizable));
         const shared = new SharedArrayBuffer(4);
         throws('TypeError', () => s.send(new Uint8Array(shared)));
         const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
         throws('TypeError', () => s.send(new Uint8Array(buffer, 0, 4)));
         s.send(new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 2));
         s.send(new Float16Array([1])); s.send(new BigInt64Array([1n]));
         s.send(new DataView(bytes(1, 2, 3, 4).buffer, 1, 2));
         s.send(new Uint8Array([9]).subarray(0, 1));
         // A buffer that was sent can still be transferred.
         const sent = bytes(5, 6); s.send(sent); log.push(sent.buffer.transfer().byteLength, sent.length);
         s.close(); undefined",
    );
    fixture.settle();
    fixture.check();
    assert_eq!(fixture.log(), "open 2 0");
    assert_eq!(
        *received.borrow(),
        [
            "[]",
            "[]",
            "[]",
            "[0, 0]",
            "[0, 60]",
            "[1, 0, 0, 0, 0, 0, 0, 0]",
            "[2, 3]",
            "[9]",
            "[5, 6]"
        ]
    );
}

#[test]
fn text_is_what_conversion_makes_of_it() {
    let (fixture, received) = open();
    fixture.run(
        r"s.send('\ud800a\udc00'); s.send('\0\u00e9'); s.send(1n); s.send(null); s.send([1, [2]]);
         throws('TypeError', () => s.send(Symbol()));
         const thrown = {};
         throws(thrown, () => s.send({ toString() { throw thrown; } }));
         throws(thrown, () => s.send({ [Symbol.toPrimitive]() { throw thrown; } }));
         throws('TypeError', () => s.send({ toString: null, valueOf: null }));
         throws('TypeError', () => s.send(Object.create(null)));
         s.send('x'.repeat(1 << 20)); s.send('\u00e9'.repeat(1 << 20));
         // A rope that has never been one string.
         let rope = 'ab'; for (let i = 0; i < 20; i++) rope += rope; s.send(rope);
         throws('RangeError', () => s.send('x'.repeat(2 ** 31)));
         s.close(); undefined",
    );
    fixture.settle();
    fixture.check();
    let received = received.borrow();
    assert_eq!(
        received[..5],
        ["\u{fffd}a\u{fffd}", "\0é", "1", "null", "1,2"]
    );
    assert_eq!(
        received[5..],
        ["text 1048576", "text 2097152", "text 2097152"]
    );
}

#[test]
fn proxies_throw_from_every_trap() {
    let (fixture, _) = open();
    fixture.test(
        "const traps = ['apply', 'construct', 'defineProperty', 'deleteProperty', 'get', 'getOwnPropertyDescriptor',
             'getPrototypeOf', 'has', 'isExtensible', 'ownKeys', 'preventExtensions', 'set', 'setPrototypeOf'];
         const thrower = new Error('of a trap');
         const handler = Object.fromEntries(traps.map((name) => [name, () => { throw thrower; }]));
         const { proxy: revoked, revoke } = Proxy.revocable(function () {}, {}); revoke();
         const hostile = [new Proxy({}, handler), new Proxy(function () {}, handler), new Proxy(class {}, handler),
             new Proxy(s, handler), revoked, new Proxy([], handler), new Proxy(new Uint8Array(2), handler)];
         let thrown = 0, calls = 0;
         const attempt = (call) => { calls++; try { call(); } catch { thrown++; } };
         const interfaces = [WebSocket, CloseEvent, MessageEvent, ErrorEvent, Event, EventTarget, DOMException, Blob,
             AbortController, AbortSignal];
         for (const value of hostile) {
             for (const Interface of interfaces) {
                 attempt(() => new Interface(value)); attempt(() => new Interface('x', value));
                 attempt(() => Reflect.construct(Interface, ['ws://127.0.0.1:1/'], value));
                 for (const object of [Interface, Interface.prototype]) {
                     for (const property of Object.values(Object.getOwnPropertyDescriptors(object))) {
                         for (const function_ of [property.value, property.get, property.set]) {
                             if (typeof function_ !== 'function') continue;
                             attempt(() => Reflect.apply(function_, value, [value, value, value]));
                             if (function_ !== WebSocket.prototype.close) {
                                 attempt(() => Reflect.apply(function_, s, [value, value, value]));
                             }
                         }
                     }
                 }
             }
         }
         same(calls > 1000, true); same(thrown > 500, true);
         s.onmessage = s.onclose = s.onerror = null; s.close();",
    );
}

#[test]
fn the_stack_ends_inside_the_bindings() {
    let (fixture, received) = open();
    fixture.run(
        "globalThis.sent = 0; globalThis.thrown = 0;
         const a = new Uint8Array(3).fill(7);
         let left = 200;
         const down = () => {
             try { down(); } catch { }
             if (left-- > 0) { try { s.send(a); sent++; } catch { thrown++; } }
         };
         down();
         s.close(); undefined",
    );
    fixture.settle();
    assert_eq!(fixture.run("sent"), received.borrow().len().to_string());
    assert_eq!(fixture.run("sent + thrown"), "200");
    assert!(received.borrow().iter().all(|bytes| bytes == "[7, 7, 7]"));
}

#[test]
fn what_script_makes_of_the_language_is_not_mistaken() {
    let (fixture, received) = open();
    fixture.run(
        "const throwing = () => { throw 'asked'; }, { defineProperty } = Object;
         const getter = { __proto__: null, get: throwing, set: throwing, configurable: true };
         defineProperty(TypeError, Symbol.hasInstance, { value: throwing });
         Error.prepareStackTrace = throwing;
         const objects = [Object.prototype, Array.prototype, Function.prototype];
         const names = ['0', '1', '40', '64', 'get', 'set', 'value', 'writable', 'then'];
         const each = (call) => {
             for (let i = 0; i < objects.length; i++) for (let j = 0; j < names.length; j++) call(objects[i], names[j]);
         };
         each((object, name) => defineProperty(object, name, getter));
         Reflect.apply = Reflect.defineProperty = Object.create = Array.prototype[Symbol.iterator] = throwing;
         s.send('x'); s.addEventListener('y', { handleEvent: (event) => { globalThis.seen = event.isTrusted; } });
         s.dispatchEvent(new Event('y'));
         each((object, name) => { delete object[name]; });
         s.close(); undefined",
    );
    fixture.settle();
    fixture.check();
    assert_eq!(fixture.run("seen"), "false");
    assert_eq!(*received.borrow(), ["x"]);
}

#[test]
fn objects_look_as_they_should() {
    let fixture = Fixture::<Jsc>::new();
    fixture.test(
        "const event = new CloseEvent('x'), tag = (object) => Object.prototype.toString.call(object);
         same(Reflect.ownKeys(event).join(), 'isTrusted');
         same(tag(event), '[object CloseEvent]'); same(Object.hasOwn(event, Symbol.toStringTag), false);
         same(Object.hasOwn(new EventTarget(), Symbol.toStringTag), false);
         same(Reflect.ownKeys(EventTarget.prototype.dispatchEvent).join(), 'length,name');
         same(typeof EventTarget, 'function'); same(tag(EventTarget.prototype.dispatchEvent), '[object Function]');
         same(EventTarget.prototype.dispatchEvent[Symbol.toStringTag], undefined);
         same(EventTarget[Symbol.toStringTag], undefined);
         same(Reflect.ownKeys(EventTarget).join(), 'length,name,prototype');
         same(/^function dispatchEvent\\(\\) {\\s*\\[native code\\]\\s*}$/.test(EventTarget.prototype.dispatchEvent), true);
         same(/\\[native code\\]/.test(EventTarget), true);
         throws('TypeError', () => new EventTarget.prototype.dispatchEvent());
         class Mine extends WebSocket { get mine() { return this.readyState; } }
         const mine = new Mine('ws://127.0.0.1:1/'); same(mine.mine, 0); same(mine instanceof Mine, true);
         same(Object.isFrozen(new MessageEvent('x', { ports: [] }).ports), true);
         // What belongs to one object is not another's that inherits from it.
         throws('TypeError', () => Object.create(event).code);
         throws('TypeError', () => new Proxy(event, {}).code);",
    );
}
