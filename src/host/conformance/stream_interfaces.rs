//! `WebSocketStream` and `WebSocketError` as script sees them.

use super::streams::{STREAMS, realm, realm_with};
use super::{Fixture, Subject};
use crate::Edition;

pub(super) fn a_realm_with_streams_has_the_interfaces<S: Subject>() {
    let absent = r"
        for (const name of ['WebSocketStream', 'WebSocketError']) same(name in globalThis, false, name);
        same(typeof WebSocket, 'function');";
    Fixture::<S>::new().test(absent);
    Fixture::<S>::after(STREAMS, |options| options.edition(Edition::Html5)).test(absent);
    let half = "globalThis.ReadableStream = class {}; globalThis.WritableStream = {}; undefined";
    Fixture::<S>::after(half, |options| options).test(absent);
    realm::<S>().test(
        r"
        for (const [name, length, keys] of [
            ['WebSocketStream', 1, 'constructor,url,opened,closed,close'],
            ['WebSocketError', 0, 'constructor,closeCode,reason'],
        ]) {
            const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
            same([writable, enumerable, configurable].join(), 'true,false,true', name);
            same([value.name, value.length].join(), [name, length].join());
            // Where the realm has a DOMException of its own, there are members of that, too.
            const names = Object.getOwnPropertyNames(value.prototype);
            same(keys.split(',').filter((key) => !names.includes(key)).join(), '', name);
            const tag = Object.getOwnPropertyDescriptor(value.prototype, Symbol.toStringTag);
            same([tag.value, tag.writable, tag.enumerable, tag.configurable].join(), [name, false, false, true].join());
            throws('TypeError', () => value('ws://127.0.0.1/'));
        }
        same(Object.getPrototypeOf(WebSocketStream), Function.prototype);
        same(Object.getPrototypeOf(WebSocketError), DOMException);
        same(Object.getPrototypeOf(WebSocketError.prototype), DOMException.prototype);
        same(WebSocketStream.prototype.close.length, 0);
        for (const name of ['url', 'opened', 'closed']) {
            const { get, set, enumerable } = Object.getOwnPropertyDescriptor(WebSocketStream.prototype, name);
            same([get.name, set, enumerable].join(), ['get ' + name, undefined, true].join());
            throws('TypeError', () => get.call({}));
            throws('TypeError', () => get.call(new EventTarget()));
        }
        throws('TypeError', () => WebSocketStream.prototype.close.call(new EventTarget()));
        const { get } = Object.getOwnPropertyDescriptor(WebSocketError.prototype, 'closeCode');
        throws('TypeError', () => get.call(new DOMException('m', 'WebSocketError')));",
    );
}

pub(super) fn errors_take_a_code_and_a_reason<S: Subject>() {
    realm::<S>().test(
        r"
        const show = (e) => [e.name, e.code, e.message, e.closeCode, e.reason].join('|');
        same(show(new WebSocketError()), 'WebSocketError|0|||');
        same(new WebSocketError().closeCode, null);
        same(show(new WebSocketError('m', { closeCode: 4999, reason: 'r' })), 'WebSocketError|0|m|4999|r');
        same(show(new WebSocketError(undefined, null)), 'WebSocketError|0|||');
        same(show(new WebSocketError('', { reason: 'r' })), 'WebSocketError|0||1000|r');
        same(show(new WebSocketError('', { reason: '' })), 'WebSocketError|0|||');
        same(show(new WebSocketError('', { closeCode: '3000.9' })), 'WebSocketError|0||3000|');
        same(codes(new WebSocketError('\uD800', { reason: '\uD800' }).reason), 'fffd');
        same(codes(new WebSocketError('\uD800').message), 'd800');
        for (const closeCode of [0, 999, 1001, 2999, 5000, 65535]) {
            same(throws('InvalidAccessError', () => new WebSocketError('', { closeCode })).code, 15);
        }
        for (const closeCode of [-1, 65536, NaN, Infinity, null, 'x', {}, 1n, Symbol()]) {
            throws(closeCode === null ? 'InvalidAccessError' : 'TypeError', () => new WebSocketError('', { closeCode }));
        }
        for (const init of [true, 7, 'x', Symbol()]) throws('TypeError', () => new WebSocketError('', init));
        same(new WebSocketError('', { reason: 'x'.repeat(123) }).closeCode, 1000);
        same(throws('SyntaxError', () => new WebSocketError('', { reason: 'x'.repeat(124) })).code, 12);
        throws('SyntaxError', () => new WebSocketError('', { reason: '\u{1F50C}'.repeat(31) }));
        throws('InvalidAccessError', () => new WebSocketError('', { closeCode: 1, reason: 'x'.repeat(124) }));
        // Conversions come first, in the order of the members' names.
        const part = (name, value) => ({ [name]: (log.push(name), value) });
        const init = {
            get reason() { log.push('get reason'); return { toString() { log.push('reason'); return 'r'; } }; },
            get closeCode() { log.push('get closeCode'); return { valueOf() { log.push('closeCode'); return 1; } }; },
        };
        const target = new Proxy(WebSocketError, { get: (target, key) => { log.push('get ' + String(key)); return target[key]; } });
        throws('InvalidAccessError', () => Reflect.construct(WebSocketError, [{ toString() { log.push('message'); return ''; } }, init], target));
        same(log.splice(0).join(), 'message,get closeCode,closeCode,get reason,reason,get prototype');
        const error = new WebSocketError('m');
        same(error instanceof DOMException && error instanceof Error, true);
        same(Object.prototype.toString.call(error), '[object WebSocketError]');
        same(String(error), 'WebSocketError: m');
        class Mine extends WebSocketError { get mine() { return this.reason; } }
        same(new Mine('', { reason: 'r' }).mine, 'r');",
    );
}

pub(super) fn the_constructor_of_streams_converts_before_it_checks<S: Subject>() {
    realm::<S>().test(
        r"
        const url = 'ws://127.0.0.1:4/x';
        throws('TypeError', () => new WebSocketStream());
        for (const bad of ['bad url', 'ftp://h/', 'ws://h/#']) throws('SyntaxError', () => new WebSocketStream(bad));
        for (const options of [true, 7, 'x']) throws('TypeError', () => new WebSocketStream(url, options));
        for (const protocols of ['x', null, {}, 7]) throws('TypeError', () => new WebSocketStream(url, { protocols }));
        for (const protocols of [[''], ['a b'], ['a', 'a']]) throws('SyntaxError', () => new WebSocketStream(url, { protocols }));
        for (const signal of [null, {}, 7, new EventTarget()]) throws('TypeError', () => new WebSocketStream(url, { signal }));
        same(new WebSocketStream(url).url, url);
        same(new WebSocketStream('http://127.0.0.1:4/x', null).url, url);
        const options = {
            get signal() { log.push('signal'); },
            get protocols() { log.push('protocols'); return { *[Symbol.iterator]() { yield { toString() { log.push('a'); return 'a b'; } }; } }; },
        };
        const target = new Proxy(WebSocketStream, { get: (target, key) => { log.push('get ' + String(key)); return target[key]; } });
        throws('SyntaxError', () => Reflect.construct(WebSocketStream, [{ toString() { log.push('url'); return url; } }, options], target));
        same(log.splice(0).join(), 'url,protocols,a,signal,get prototype');
        const stream = new WebSocketStream(url);
        same(stream.opened instanceof Promise, true);
        same(stream.opened, stream.opened);
        same(stream.closed, stream.closed);
        same(stream.opened === stream.closed, false);
        stream.opened.catch(() => {}); stream.closed.catch(() => {});
        for (const info of [true, 7]) throws('TypeError', () => stream.close(info));
        throws('InvalidAccessError', () => stream.close({ closeCode: 1001 }));
        throws('TypeError', () => stream.close({ closeCode: 65536 }));
        throws('SyntaxError', () => stream.close({ reason: 'x'.repeat(124) }));
        same(stream.close(null), undefined);",
    );
}

pub(super) fn streams_that_are_none_are_survived<S: Subject>() {
    let hostile = r"
        globalThis.made = [];
        const hostile = (kind) => function (algorithms) {
            made.push(algorithms);
            if (kind === 'throws') throw 'no';
            if (kind === 'calls') {
                for (const [name, algorithm] of Object.entries(algorithms)) {
                    for (const argument of [undefined, {}, { enqueue: 7, error() { throw 'e'; } }]) {
                        try { algorithm.call(7, argument); new algorithm(argument); } catch {}
                    }
                }
            }
            if (kind === 'controls') {
                algorithms.start({ enqueue() { throw 'enqueue'; }, close() { throw 'close'; }, error() { throw 'error'; } });
                algorithms.pull?.();
            }
        };
        globalThis.hostile = hostile;
        globalThis.ReadableStream = function (source) { return new globalThis.Readable(source); };
        globalThis.WritableStream = function (sink) { return new globalThis.Writable(sink); };
        undefined";
    let fixture = Fixture::<S>::after(hostile, |options| options);
    for kind in ["throws", "calls", "controls", "nothing"] {
        fixture.serve(|socket| {
            socket.send("x").unwrap();
            socket.set_onmessage(|event| event.target().close());
        });
        fixture.run(&format!(
            r"
            globalThis.Readable = globalThis.Writable = hostile('{kind}');
            globalThis.stream = new WebSocketStream(address);
            Promise.allSettled([stream.opened, stream.closed]).then(([opened, closed]) => log.push(opened.status, closed.status));
            stream.opened.catch((e) => same(e, 'no'));
            // Some of these have closed it, or have nothing that would.
            stream.opened.then(() => stream.close());
            undefined"
        ));
        fixture.settle();
        let opened = if kind == "throws" {
            "rejected"
        } else {
            "fulfilled"
        };
        assert_eq!(fixture.log(), format!("{opened} fulfilled"), "{kind}");
        fixture.run(
            r"
            for (const algorithms of made.splice(0)) for (const algorithm of Object.values(algorithms)) {
                for (const argument of [undefined, Symbol(), stream]) try { algorithm(argument); } catch {}
            }
            undefined",
        );
        fixture.settle();
        fixture.check();
    }
    fixture.reported.take();
}

pub(super) fn an_exception_of_the_realms_own_is_a_streams_too<S: Subject>() {
    let own = r"
        globalThis.DOMException = class DOMException extends Error {
            #name;
            constructor(message, name) { super(message); this.#name = name; }
            get name() { return this.#name; }
        };
        undefined";
    realm_with::<S>(own).test(
        r"
        const error = new WebSocketError('m', { closeCode: 3000 });
        same(error instanceof DOMException, true);
        same([error.name, error.message, error.code, error.closeCode].join(), 'WebSocketError,m,0,3000');
        same(throws('InvalidAccessError', () => new WebSocketError('', { closeCode: 1 })).constructor, DOMException);
        throws('SyntaxError', () => new WebSocketStream('bad url'));",
    );
}
