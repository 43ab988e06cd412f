//! What becomes of arguments, and in which order: WebIDL section 3.2.

use super::{Fixture, Subject};

pub(super) fn the_constructor_converts_before_it_checks<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const arg = (name, value) => ({ toString() { log.push(name); return value; } });
        throws('SyntaxError', () => new WebSocket(arg('url', 'bad url'), arg('protocol', '')));
        same(log.splice(0).join(), 'url,protocol');
        throws('TypeError', () => new WebSocket(Symbol(), arg('protocol', '')));
        same(log.splice(0).join(), '');
        throws('RangeError', () => new WebSocket({ toString() { throw new RangeError(); } }));
        class Late extends WebSocket {}
        const target = new Proxy(WebSocket, { get(t, k) { log.push(String(k)); return t[k]; } });
        throws('SyntaxError', () => Reflect.construct(WebSocket, [arg('url', 'bad url')], target));
        same(log.splice(0).join(), 'url,prototype');
        const thrower = new Proxy(WebSocket, { get() { throw 'getter'; } });
        throws(undefined, () => { try { Reflect.construct(WebSocket, ['bad url'], thrower); }
            catch (e) { same(e, 'getter'); throw undefined; } });",
    );
}

pub(super) fn a_url_is_a_usv_string<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        same(new WebSocket('ws://127.0.0.1:1/a\ud800b').url, 'ws://127.0.0.1:1/a%EF%BF%BDb');
        same(new WebSocket('ws://127.0.0.1:1/\ud83d\ude00').url, 'ws://127.0.0.1:1/%F0%9F%98%80');
        same(new WebSocket({ toString: () => 'HTTP://127.0.0.1:1' }).url, 'ws://127.0.0.1:1/');
        same(new WebSocket(['wss://127.0.0.1:1/x?']).url, 'wss://127.0.0.1:1/x?');
        throws('SyntaxError', () => new WebSocket(undefined));
        throws('SyntaxError', () => new WebSocket(null));",
    );
}

pub(super) fn protocols_are_a_string_or_a_sequence<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const url = 'ws://127.0.0.1:1/';
        new WebSocket(url, undefined);
        new WebSocket(url, []);
        new WebSocket(url, 'a');
        new WebSocket(url, ['a', 'b']);
        new WebSocket(url, null);
        new WebSocket(url, 7);
        new WebSocket(url, new Set(['a', { toString: () => 'b' }]));
        new WebSocket(url, (function* () { yield 'a'; yield 'b'; })());
        new WebSocket(url, { [Symbol.iterator]: null, toString: () => 'token' });
        new WebSocket(url, new String('token'));
        throws('TypeError', () => new WebSocket(url, { [Symbol.iterator]: 7 }));
        throws('TypeError', () => new WebSocket(url, { [Symbol.iterator]: () => 7 }));
        throws('TypeError', () => new WebSocket(url, { [Symbol.iterator]: () => ({ next: () => 7 }) }));
        throws('TypeError', () => new WebSocket(url, [Symbol()]));
        throws('SyntaxError', () => new WebSocket(url, {}));
        throws('SyntaxError', () => new WebSocket(url, [['a', 'b']]));
        throws('EvalError', () => new WebSocket(url, { get [Symbol.iterator]() { throw new EvalError(); } }));
        throws('EvalError', () => new WebSocket('bad url', (function* () { yield 'a'; throw new EvalError(); })()));
        const order = [];
        throws('SyntaxError', () => new WebSocket(url, { [Symbol.iterator]() {
            let n = 0;
            return { get next() { order.push('next'); return () => {
                order.push('call');
                return { get done() { order.push('done'); return n++ > 0; },
                    get value() { order.push('value'); return { toString() { order.push('string'); return ''; } }; } };
            }; }, return() { order.push('return'); } };
        } }));
        same(order.join(), 'next,call,done,value,string,call,done');",
    );
}

pub(super) fn bad_urls_and_protocols_are_syntax_errors<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        for (const url of ['', '/x', 'ftp://x/', 'ws://', 'ws://x:99999/', 'ws://x/#', 'ws://x/#f',
            'mailto:x', 'javascript:0', 'about:blank', 'ws://[::1', 'ws:///']) {
            if (url === 'ws:///') continue;
            const e = throws('SyntaxError', () => new WebSocket(url), url);
            same(e instanceof DOMException, true, url);
        }
        for (const protocol of ['', ' ', 'a b', 'a,b', 'a/b', '\u0000', '\u00e4', '\ud800', '(', '\x7f']) {
            throws('SyntaxError', () => new WebSocket('ws://127.0.0.1:1/', protocol), codes(protocol));
            throws('SyntaxError', () => new WebSocket('ws://127.0.0.1:1/', ['a', protocol]), codes(protocol));
        }
        throws('SyntaxError', () => new WebSocket('ws://127.0.0.1:1/', ['a', 'b', 'a']));",
    );
}

pub(super) fn close_clamps_its_code<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = () => new WebSocket('ws://127.0.0.1:1/');
        for (const code of [1000, 3000, 4999, 999.5, 1000.4, '3000', { valueOf: () => 4000 }, 2999.5,
            4999.4, [3000]]) {
            socket().close(code);
        }
        for (const code of [0, null, NaN, 'x', 999, 999.4, 1001, 2999, 2998.5, 5000, 4999.5, 65536 + 1000,
            -1, Infinity, {}, true]) {
            same(throws('InvalidAccessError', () => socket().close(code), String(code)).code, 15);
        }
        throws('TypeError', () => socket().close(Symbol()));
        throws('TypeError', () => socket().close(3000n));
        socket().close(undefined);
        socket().close(undefined, undefined);
        socket().close(undefined, 'why');
        socket().close(1000, undefined);",
    );
}

pub(super) fn close_converts_before_it_checks<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        throws('InvalidAccessError', () => socket.close(
            { valueOf() { log.push('code'); return 1; } }, { toString() { log.push('reason'); return ''; } }));
        same(log.splice(0).join(), 'code,reason');
        throws('RangeError', () => socket.close(1, { toString() { throw new RangeError(); } }));
        same(socket.readyState, 0);
        throws('SyntaxError', () => socket.close(1000, 'a'.repeat(124)));
        throws('SyntaxError', () => socket.close(undefined, '\u20ac'.repeat(42)));
        throws('SyntaxError', () => socket.close(1000, '\ud800'.repeat(42)));
        same(socket.readyState, 0);
        socket.close(1000, '\ud800'.repeat(41));
        same(socket.readyState, 2);
        throws('InvalidAccessError', () => socket.close(1));
        same(socket.close(), undefined);",
    );
}

pub(super) fn send_takes_what_the_union_says<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const socket = new WebSocket(address);
        socket.binaryType = 'arraybuffer';
        const expected = [];
        const send = (data, answer) => { socket.send(data); expected.push(answer); };
        socket.onopen = () => {
            send('text', 'text');
            send('', '');
            send('nul\0nul', 'nul\0nul');
            send('\ud800', '\ufffd');
            send('\udc00x\ud800', '\ufffdx\ufffd');
            send('\ud83d\ude00 \u00e9 \u20ac', '\ud83d\ude00 \u00e9 \u20ac');
            send(undefined, 'undefined');
            send(null, 'null');
            send(1.5, '1.5');
            send({}, '[object Object]');
            send([1, 2], '1,2');
            send({ toString: () => 'own' }, 'own');
            const bytes = new Uint8Array([0, 1, 2, 253, 254, 255]);
            send(bytes, '0,1,2,253,254,255');
            send(bytes.buffer, '0,1,2,253,254,255');
            send(bytes.subarray(1, 3), '1,2');
            send(new DataView(bytes.buffer, 4), '254,255');
            send(new Uint16Array([1]), '1,0');
            send(new Uint8Array(0), '');
            send(new ArrayBuffer(0), '');
            send(new Blob(['a', bytes.subarray(0, 1), new Blob(['b'])]), '97,0,98');
            send(new BigInt64Array([1n]), '1,0,0,0,0,0,0,0');
            throws('TypeError', () => socket.send(Symbol()));
            throws('RangeError', () => socket.send({ toString() { throw new RangeError(); } }));
            if (ArrayBuffer.prototype.resize) {
                const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
                throws('TypeError', () => socket.send(resizable));
                throws('TypeError', () => socket.send(new Uint8Array(resizable)));
            }
            if (globalThis.SharedArrayBuffer) {
                const shared = new SharedArrayBuffer(4);
                send(shared, '[object SharedArrayBuffer]');
                throws('TypeError', () => socket.send(new Uint8Array(shared)));
                throws('TypeError', () => socket.send(new DataView(shared)));
            }
            if (ArrayBuffer.prototype.transfer) {
                const gone = new Uint8Array([1, 2]);
                gone.buffer.transfer();
                const before = socket.bufferedAmount;
                send(gone, '');
                same(socket.bufferedAmount, before);
            }
            Object.defineProperty(bytes, 'byteLength', { value: 1 });
            Object.defineProperty(bytes, 'length', { value: 1 });
            bytes.toString = () => 'tampered';
            send(bytes, '0,1,2,253,254,255');
            Uint8Array.prototype.toBase64 = () => 'AAAA';
            ArrayBuffer.isView = () => false;
            Object.defineProperty(ArrayBuffer.prototype, 'byteLength', { get: () => 0 });
            send(new Uint8Array([9]), '9');
        };
        const got = [];
        socket.onmessage = ({ data }) => {
            got.push(typeof data === 'string' ? data : new Uint8Array(data).join());
            const isBinary = expected[got.length - 1];
            if (got.length === expected.length) socket.close();
        };
        socket.onclose = () => {
            same(got.length, expected.length);
            expected.forEach((text, i) => same(got[i], text, i));
            log.push('closed');
        };",
    );
    assert_eq!(fixture.log(), "closed");
}

pub(super) fn send_throws_while_connecting_after_converting<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        const e = throws('InvalidStateError',
            () => socket.send({ toString() { log.push('converted'); return ''; } }));
        same(e.code, 11);
        same(log.splice(0).join(), 'converted');
        throws('TypeError', () => socket.send(Symbol()));
        throws('InvalidStateError', () => socket.send(new ArrayBuffer(1)));
        throws('InvalidStateError', () => socket.send(new Blob()));
        same(socket.bufferedAmount, 0);
        socket.close();
        same(socket.send('four'), undefined);
        same(socket.bufferedAmount, 4);
        socket.send(new Uint8Array(3)); socket.send(new Blob(['12'])); socket.send('\u20ac\ud800');
        same(socket.bufferedAmount, 4 + 3 + 2 + 6);
        socket.onclose = () => { same(socket.bufferedAmount, 15); log.push('closed'); };",
    );
}

pub(super) fn binary_type_ignores_what_is_no_value_of_it<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        same(socket.binaryType, 'blob');
        for (const value of ['notBlobOrArrayBuffer', 'Blob', '', undefined, null, 1, {}, '\ud800']) {
            socket.binaryType = value;
            same(socket.binaryType, 'blob');
        }
        socket.binaryType = { toString: () => 'arraybuffer' };
        same(socket.binaryType, 'arraybuffer');
        throws('TypeError', () => { socket.binaryType = Symbol(); });
        throws('RangeError', () => { socket.binaryType = { toString() { throw new RangeError(); } }; });
        same(socket.binaryType, 'arraybuffer');",
    );
}

pub(super) fn handlers_are_objects_or_null<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        for (const name of ['onopen', 'onmessage', 'onerror', 'onclose']) {
            same(socket[name], null);
            const values = [() => {}, {}, [], { handleEvent() { failures.push(name); } }, /x/, class {}];
            for (const value of values) { socket[name] = value; same(socket[name], value); }
            for (const value of [1, 'x', true, undefined, null, Symbol(), 1n]) {
                socket[name] = () => {};
                socket[name] = value;
                same(socket[name], null);
            }
        }
        socket.onmessage = { handleEvent() { failures.push('called'); } };
        socket.dispatchEvent(new Event('message'));
        const { set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onopen');
        set.call(socket);
        same(socket.onopen, null);
        const { signal } = new AbortController();
        signal.onabort = log.push;
        same(signal.onabort, log.push);
        signal.onabort = 7;
        same(signal.onabort, null);",
    );
}

pub(super) fn listeners_are_objects_or_null<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        for (const value of [1, 'x', true, Symbol(), 1n]) {
            throws('TypeError', () => target.addEventListener('x', value));
            throws('TypeError', () => target.removeEventListener('x', value));
        }
        target.addEventListener('x', null);
        target.addEventListener('x', undefined);
        target.addEventListener('x', null, { get once() { log.push('read'); } });
        same(log.splice(0).join(), 'read');
        target.removeEventListener('x', null);
        same(target.dispatchEvent(new Event('x')), true);
        throws('TypeError', () => target.addEventListener(Symbol(), () => {}));
        throws('TypeError', () => target.dispatchEvent(null));
        throws('TypeError', () => target.dispatchEvent({ type: 'x' }));
        throws('TypeError', () => target.dispatchEvent('x'));
        throws('TypeError', () => target.dispatchEvent(Object.create(Event.prototype)));",
    );
}

pub(super) fn options_are_read_in_order<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        const reader = new Proxy({}, { get(_, key) { log.push(String(key)); } });
        target.addEventListener('x', () => {}, reader);
        same(log.splice(0).join(), 'capture,once,passive,signal');
        target.removeEventListener('x', () => {}, reader);
        same(log.splice(0).join(), 'capture');
        for (const options of [1, 'x', Symbol(), true]) target.addEventListener('c', f, options);
        function f() { log.push('c'); }
        target.dispatchEvent(new Event('c'));
        same(log.splice(0).join(), 'c');
        target.removeEventListener('c', f, { capture: 'yes' });
        target.dispatchEvent(new Event('c'));
        same(log.splice(0).join(), '');
        for (const signal of [null, {}, 1, new EventTarget(), Object.create(AbortSignal.prototype)]) {
            throws('TypeError', () => target.addEventListener('x', null, { signal }));
        }
        target.addEventListener('x', null, { signal: undefined });
        throws('RangeError', () => target.addEventListener('x', null,
            { get capture() { throw new RangeError(); } }));
        target.addEventListener('x', null, null);
        target.addEventListener('x', null, () => {});",
    );
}

pub(super) fn event_dictionaries_are_read_in_order<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const reader = new Proxy({}, { get(_, key) { log.push(String(key)); } });
        const orders = [
            [Event, 'bubbles,cancelable,composed'],
            [CloseEvent, 'bubbles,cancelable,composed,code,reason,wasClean'],
            [MessageEvent, 'bubbles,cancelable,composed,data,lastEventId,origin,ports,source'],
            [ErrorEvent, 'bubbles,cancelable,composed,colno,error,filename,lineno,message'],
        ];
        for (const [Interface, order] of orders) {
            new Interface('x', reader);
            same(log.splice(0).join(), order);
            for (const init of [1, 'x', true, Symbol()]) throws('TypeError', () => new Interface('x', init));
            new Interface('x', null); new Interface('x', undefined); new Interface('x', () => {});
            throws('TypeError', () => new Interface(Symbol()));
            const event = new Interface('\ud800', { bubbles: 1, cancelable: '', composed: {} });
            same(event.type, '\ud800');
            same([event.bubbles, event.cancelable, event.composed].join(), 'true,false,true');
            same(event.isTrusted, false);
            same(event.target, null); same(event.currentTarget, null); same(event.srcElement, null);
            same(event.eventPhase, 0); same(event.defaultPrevented, false); same(event.returnValue, true);
            same(event.cancelBubble, false); same(event.composedPath().length, 0);
            same(typeof event.timeStamp, 'number');
        }
        const close = new CloseEvent('close', { wasClean: 1, code: 65536 + 7.9, reason: '\ud800' });
        same([close.wasClean, close.code, close.reason].join(), 'true,7,\ufffd');
        same(new CloseEvent('x', { code: -1 }).code, 65535);
        same(new CloseEvent('x', { code: NaN }).code, 0);
        const empty = new CloseEvent('x');
        same([empty.wasClean, empty.code, empty.reason].join(), 'false,0,');
        const data = {};
        const message = new MessageEvent('m', { data, origin: '\ud800', lastEventId: '\ud800' });
        same(message.data, data); same(message.origin, '\ufffd'); same(message.lastEventId, '\ud800');
        same(new MessageEvent('m').data, null);
        same(new MessageEvent('m', { data: undefined }).data, null);
        const error = new ErrorEvent('e', { message: 'm', filename: 'f', lineno: 1, colno: -1, error: 5 });
        same([error.message, error.filename, error.lineno, error.colno, error.error].join(),
            'm,f,1,4294967295,5');
        same(new ErrorEvent('e').error, undefined);
        same(new ErrorEvent('e', { error: null }).error, null);",
    );
}

pub(super) fn message_events_check_sources_and_ports<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const message = new MessageEvent('m');
        same(message.source, null);
        same(message.ports, message.ports);
        same(Array.isArray(message.ports) && Object.isFrozen(message.ports), true);
        same(message.ports.length, 0);
        new MessageEvent('m', { source: null });
        for (const source of [{}, 1, new EventTarget()]) {
            throws('TypeError', () => new MessageEvent('m', { source }));
        }
        for (const ports of [null, 1, {}, [1], [{}], 'x']) {
            throws('TypeError', () => new MessageEvent('m', { ports }), String(ports));
        }
        new MessageEvent('m', { ports: new Set() });",
    );
}

pub(super) fn init_methods_convert_their_arguments<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const event = new Event('a', { cancelable: true });
        event.preventDefault();
        event.stopPropagation();
        event.initEvent('b', 1);
        same([event.type, event.bubbles, event.cancelable, event.defaultPrevented, event.cancelBubble].join(),
            'b,true,false,false,false');
        const target = new EventTarget();
        target.addEventListener('b', (e) => { e.initEvent('c'); same(e.type, 'b'); });
        target.dispatchEvent(event);
        same(event.target, target);
        event.initEvent('d');
        same(event.target, null);
        const message = new MessageEvent('m', { data: 1 });
        message.initMessageEvent('n', true, true, 'data', 'origin', 'id', null, []);
        same([message.type, message.bubbles, message.cancelable, message.data, message.origin,
            message.lastEventId, message.source, message.ports.length].join(),
            'n,true,true,data,origin,id,,0');
        message.initMessageEvent('o');
        same([message.type, message.data, message.origin, message.lastEventId].join(), 'o,,,');
        throws('TypeError', () => message.initMessageEvent());
        throws('TypeError', () => message.initMessageEvent('x', 0, 0, 0, '', '', {}));
        throws('TypeError', () => message.initMessageEvent('x', 0, 0, 0, '', '', null, null));
        same(message.type, 'o');",
    );
}

pub(super) fn blobs_take_parts_and_options<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        same(new Blob().size, 0);
        same(new Blob(undefined).type, '');
        const blob = new Blob(['a\r\nb\n', new Uint8Array([255]), 7], { type: 'Text/PLAIN' });
        same(blob.size, 7); same(blob.type, 'text/plain');
        same(new Blob(['a\r\nb\rc'], { endings: 'native' }).size, 5);
        same(new Blob([], { type: '\u00e4' }).type, '');
        for (const parts of [null, 1, 'x', {}, Symbol()]) throws('TypeError', () => new Blob(parts));
        for (const options of [1, 'x']) throws('TypeError', () => new Blob([], options));
        throws('TypeError', () => new Blob([], { endings: 'x' }));
        const reader = new Proxy({}, { get(_, key) { log.push(String(key)); } });
        new Blob((function* () { log.push('parts'); })(), reader);
        same(log.splice(0).join(), 'parts,endings,type');
        same(blob.slice(1, -1, 'A').size, 5); same(blob.slice(1, -1, 'A').type, 'a');
        same(blob.slice(-2).size, 2); same(blob.slice(5, 2).size, 0); same(blob.slice(NaN, Infinity).size, 7);
        same(blob.slice(undefined, undefined).type, '');
        const results = [];
        new Blob(['\ufeff\u20ac\ud800']).text().then((text) => results.push(codes(text)));
        blob.arrayBuffer().then((b) => results.push(b instanceof ArrayBuffer && b.byteLength));
        blob.bytes().then((b) => results.push(b instanceof Uint8Array && b[5]));
        Blob.prototype.text.call({}).catch((e) => results.push(e.name));
        Promise.resolve().then(() => 0).then(() => log.push(...results));",
    );
    assert_eq!(fixture.log(), "20ac fffd 7 255 TypeError");
}

pub(super) fn relative_urls_use_the_base_url<S: Subject>() {
    let fixture = Fixture::<S>::with(|options| options.base_url("http://127.0.0.1:1/dir/page?q#f"));
    fixture.test(
        r"
        same(new WebSocket('chat').url, 'ws://127.0.0.1:1/dir/chat');
        same(new WebSocket('/chat').url, 'ws://127.0.0.1:1/chat');
        same(new WebSocket('').url, 'ws://127.0.0.1:1/dir/page?q');
        same(new WebSocket('?x').url, 'ws://127.0.0.1:1/dir/page?x');
        throws('SyntaxError', () => new WebSocket('#'));",
    );
}

pub(super) fn strings_keep_their_code_units<S: Subject>() {
    Fixture::<S>::new().test(
        r#"
        const through = (text) => same(codes(new Event(text).type), codes(text));
        let ascii = '';
        for (let unit = 0; unit < 0x80; unit++) ascii += String.fromCharCode(unit);
        for (const text of [ascii, '"\\', '\\u0041', '\u2028\u2029', '\u00e9\uffff\ufeff', '\ud83d\ude00', '']) {
            for (const surrogate of ['\ud800', '\udbff', '\udc00', '\udfff']) {
                through(surrogate + text);
                through(text + surrogate);
                through(surrogate + text + surrogate);
            }
        }
        through('\udc00\ud800\udc00\ud800');
        const long = 'x'.repeat(1 << 20) + '\ud800';
        same(new Event(long).type === long, true);"#,
    );
}

pub(super) fn slices_of_blobs_are_blobs<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.serve_echo();
    fixture.test(
        r"
        const blob = new Blob(['0123456789']);
        const part = blob.slice(2, 8);
        const text = (blob, expected) => blob.text().then((text) => { same(text, expected); log.push(text); });
        same(part.size, 6);
        text(part, '234567');
        text(part.slice(1, -1), '3456');
        text(part.slice(4, 100), '67');
        text(part.slice(5, 2), '');
        text(part.slice(-2), '67');
        text(new Blob([part, part.slice(0, 1)]), '2345672');
        part.arrayBuffer().then((buffer) => same(buffer.byteLength, 6));
        const socket = new WebSocket(address);
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => { socket.send(part); socket.send(part.slice(1, 3)); };
        const got = [];
        socket.onmessage = ({ data }) => {
            got.push(String.fromCharCode(...new Uint8Array(data)));
            if (got.length === 2) { same(got.join(), '234567,34'); socket.close(); }
        };
        socket.onclose = (e) => same(e.code, 1005);",
    );
    assert_eq!(fixture.log(), "234567 3456 67  67 2345672");
}
