//! How the interfaces look to script: WebIDL section 3.7.

use super::{Fixture, Subject};

pub(super) fn the_interfaces_are_on_the_global_object<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        for (const name of ['WebSocket', 'CloseEvent', 'MessageEvent', 'ErrorEvent', 'Event',
            'EventTarget', 'DOMException', 'Blob', 'AbortController', 'AbortSignal']) {
            const { writable, enumerable, configurable, value } =
                Object.getOwnPropertyDescriptor(globalThis, name);
            same(typeof value, 'function', name);
            same([writable, enumerable, configurable].join(), 'true,false,true', name);
            const prototype = Object.getOwnPropertyDescriptor(value, 'prototype');
            same([prototype.writable, prototype.enumerable, prototype.configurable].join(),
                'false,false,false', name + '.prototype');
            const constructor = Object.getOwnPropertyDescriptor(value.prototype, 'constructor');
            same(constructor.value, value, name);
            same([constructor.writable, constructor.enumerable, constructor.configurable].join(),
                'true,false,true', name);
            const tag = Object.getOwnPropertyDescriptor(value.prototype, Symbol.toStringTag);
            same(tag.value, name);
            same([tag.writable, tag.enumerable, tag.configurable].join(), 'false,false,true', name);
            same(Object.prototype.toString.call(value.prototype), `[object ${name}]`);
            same(Function.prototype.toString.call(value).includes('[native code]'), true, name);
        }",
    );
}

pub(super) fn prototypes_are_chained<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const parents = { WebSocket: EventTarget, AbortSignal: EventTarget, CloseEvent: Event,
            MessageEvent: Event, ErrorEvent: Event };
        for (const [name, parent] of Object.entries(parents)) {
            same(Object.getPrototypeOf(globalThis[name]), parent, name);
            same(Object.getPrototypeOf(globalThis[name].prototype), parent.prototype, name);
        }
        for (const root of [Event, EventTarget, Blob, AbortController, DOMException]) {
            same(Object.getPrototypeOf(root), Function.prototype, root.name);
        }
        for (const root of [Event, EventTarget, Blob, AbortController]) {
            same(Object.getPrototypeOf(root.prototype), Object.prototype, root.name);
        }
        same(Object.getPrototypeOf(DOMException.prototype), Error.prototype);
        const socket = new WebSocket('ws://127.0.0.1:1/');
        same(Object.getPrototypeOf(socket), WebSocket.prototype);
        same(String(socket), '[object WebSocket]');
        same(Reflect.ownKeys(socket).length, 0);",
    );
}

pub(super) fn constants_are_on_the_interface_and_on_its_prototype<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const constants = [
            [WebSocket, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }],
            [Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 }],
            [DOMException, { INDEX_SIZE_ERR: 1, SYNTAX_ERR: 12, DATA_CLONE_ERR: 25 }],
        ];
        for (const [Interface, values] of constants) {
            for (const object of [Interface, Interface.prototype]) {
                for (const [name, value] of Object.entries(values)) {
                    const { writable, enumerable, configurable, value: actual } =
                        Object.getOwnPropertyDescriptor(object, name);
                    same(actual, value, name);
                    same([writable, enumerable, configurable].join(), 'false,true,false', name);
                }
            }
        }
        same(Reflect.set(WebSocket, 'OPEN', 7), false);
        same(WebSocket.OPEN, 1);
        same(new WebSocket('ws://127.0.0.1:1/').CLOSED, 3);",
    );
}

pub(super) fn attributes_are_accessors_of_the_prototype<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const attributes = [
            [WebSocket, 'url readyState bufferedAmount extensions protocol',
                'onopen onerror onclose onmessage binaryType'],
            [Event, 'type target srcElement currentTarget eventPhase bubbles cancelable ' +
                'defaultPrevented composed timeStamp', 'cancelBubble returnValue'],
            [MessageEvent, 'data origin lastEventId source ports', ''],
            [CloseEvent, 'wasClean code reason', ''],
            [ErrorEvent, 'message filename lineno colno error', ''],
            [AbortSignal, 'aborted reason', 'onabort'],
            [AbortController, 'signal', ''],
            [Blob, 'size type', ''],
        ];
        for (const [Interface, readonly, writable] of attributes) {
            for (const [names, hasSetter] of [[readonly, false], [writable, true]]) {
                for (const name of names.split(' ').filter(Boolean)) {
                    const { get, set, enumerable, configurable } =
                        Object.getOwnPropertyDescriptor(Interface.prototype, name);
                    same(enumerable && configurable, true, name);
                    same(get.name, `get ${name}`);
                    same(get.length, 0, name);
                    same(typeof set, hasSetter ? 'function' : 'undefined', name);
                    if (set) { same(set.name, `set ${name}`); same(set.length, 1, name); }
                    same('prototype' in get, false, name);
                    throws('TypeError', () => new get());
                }
            }
        }
        const socket = new WebSocket('ws://127.0.0.1:1/');
        (0, eval)('0');
        throws('TypeError', () => { 'use strict'; socket.url = ''; });
        const names = [];
        for (const name in socket) names.push(name);
        same(names.includes('send') && names.includes('addEventListener'), true);",
    );
}

pub(super) fn operations_are_functions_of_the_prototype<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const operations = [
            [WebSocket.prototype, { send: 1, close: 0 }],
            [EventTarget.prototype,
                { addEventListener: 2, removeEventListener: 2, dispatchEvent: 1 }],
            [Event.prototype, { composedPath: 0, stopPropagation: 0, stopImmediatePropagation: 0,
                preventDefault: 0, initEvent: 1 }],
            [MessageEvent.prototype, { initMessageEvent: 1 }],
            [AbortSignal.prototype, { throwIfAborted: 0 }],
            [AbortSignal, { abort: 0, timeout: 1, any: 1 }],
            [AbortController.prototype, { abort: 0 }],
            [Blob.prototype, { slice: 0, text: 0, arrayBuffer: 0, bytes: 0 }],
        ];
        for (const [object, lengths] of operations) {
            for (const [name, length] of Object.entries(lengths)) {
                const { writable, enumerable, configurable, value } =
                    Object.getOwnPropertyDescriptor(object, name);
                same([writable, enumerable, configurable].join(), 'true,true,true', name);
                same(value.name, name);
                same(value.length, length, name);
                same('prototype' in value, false, name);
                throws('TypeError', () => new value());
            }
        }
        same('initCloseEvent' in CloseEvent.prototype, false);",
    );
}

pub(super) fn members_are_in_the_order_of_webidl<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const order = (object, expected) => same(Reflect.ownKeys(object).map(String)
            .filter((key) => key !== 'length' && key !== 'name').join(' '), expected);
        // The attributes, the operations, the constants, the constructor.
        order(WebSocket.prototype, 'url readyState bufferedAmount onopen onerror onclose extensions ' +
            'protocol onmessage binaryType close send CONNECTING OPEN CLOSING CLOSED ' +
            'constructor Symbol(Symbol.toStringTag)');
        order(WebSocket, 'prototype CONNECTING OPEN CLOSING CLOSED');
        order(Event.prototype, 'type target srcElement currentTarget eventPhase cancelBubble bubbles ' +
            'cancelable returnValue defaultPrevented composed timeStamp composedPath stopPropagation ' +
            'stopImmediatePropagation preventDefault initEvent NONE CAPTURING_PHASE AT_TARGET ' +
            'BUBBLING_PHASE constructor Symbol(Symbol.toStringTag)');
        order(AbortSignal.prototype, 'aborted reason onabort throwIfAborted constructor ' +
            'Symbol(Symbol.toStringTag)');
        order(AbortSignal, 'prototype abort timeout any');
        const names = [];
        for (const name in new WebSocket('ws://127.0.0.1:1/')) names.push(name);
        same(names.slice(9, 13).join(), 'binaryType,close,send,CONNECTING');
        same(names.slice(16).join(), 'addEventListener,removeEventListener,dispatchEvent');",
    );
}

pub(super) fn functions_have_their_names_and_lengths<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const lengths = { WebSocket: 1, CloseEvent: 1, MessageEvent: 1, ErrorEvent: 1, Event: 1,
            EventTarget: 0, DOMException: 0, Blob: 0, AbortController: 0, AbortSignal: 0 };
        for (const [name, length] of Object.entries(lengths)) {
            const Interface = globalThis[name];
            same(Interface.name, name);
            same(Interface.length, length, name);
            for (const key of ['name', 'length']) {
                const { writable, enumerable, configurable } =
                    Object.getOwnPropertyDescriptor(Interface, key);
                same([writable, enumerable, configurable].join(), 'false,false,true', name);
            }
        }",
    );
}

pub(super) fn members_refuse_objects_of_other_kinds<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        for (const name of ['url', 'readyState', 'onopen', 'binaryType']) {
            const { get, set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
            for (const other of [undefined, null, 1, {}, WebSocket.prototype, new EventTarget(),
                new Event('x'), Object.create(socket), new Proxy(socket, {}), globalThis]) {
                throws('TypeError', () => get.call(other), name);
                if (set) throws('TypeError', () => set.call(other, null), name);
            }
        }
        throws('TypeError', () => WebSocket.prototype.send.call(new EventTarget(), ''));
        throws('TypeError', () => WebSocket.prototype.send.call({}, { toString() { failures.push('converted') } }));
        throws('TypeError', () => EventTarget.prototype.addEventListener.call({}, 'x', null));
        throws('TypeError', () => Event.prototype.preventDefault.call(socket));
        const { get } = Object.getOwnPropertyDescriptor(CloseEvent.prototype, 'code');
        throws('TypeError', () => get.call(new MessageEvent('x')));
        same(get.call(new CloseEvent('x', { code: 3 })), 3);
        const { get: isTrusted } = Object.getOwnPropertyDescriptor(new Event('x'), 'isTrusted');
        throws('TypeError', () => isTrusted.call({}));
        EventTarget.prototype.addEventListener.call(socket, 'x', () => log.push('x'));
        socket.dispatchEvent(new Event('x'));
        same(log.join(), 'x');",
    );
}

pub(super) fn constructors_need_new<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        for (const Interface of [WebSocket, CloseEvent, MessageEvent, ErrorEvent, Event,
            EventTarget, DOMException, Blob, AbortController, AbortSignal]) {
            throws('TypeError', () => Interface('x'), Interface.name);
            throws('TypeError', () => Interface.call(Object.create(Interface.prototype), 'x'));
        }
        throws('TypeError', () => new AbortSignal());",
    );
}

pub(super) fn constructors_need_their_arguments<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        for (const Interface of [WebSocket, CloseEvent, MessageEvent, ErrorEvent, Event]) {
            throws('TypeError', () => new Interface(), Interface.name);
        }
        const socket = new WebSocket('ws://127.0.0.1:1/');
        throws('TypeError', () => socket.send());
        throws('TypeError', () => socket.addEventListener());
        throws('TypeError', () => socket.addEventListener('x'));
        throws('TypeError', () => socket.removeEventListener('x'));
        throws('TypeError', () => socket.dispatchEvent());
        throws('TypeError', () => new Event('x').initEvent());
        throws('TypeError', () => AbortSignal.timeout());
        throws('TypeError', () => AbortSignal.any());
        new EventTarget(1, 2); new Blob(); new DOMException(); new AbortController();",
    );
}

pub(super) fn classes_extend_the_interfaces<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        class Chat extends WebSocket {
            #room = 'hall';
            constructor(url) { super(url); this.extra = 1; }
            get room() { return this.#room; }
            send(data) { return `${this.room}: ${data}`; }
        }
        const chat = new Chat('ws://127.0.0.1:1/');
        same(chat instanceof Chat && chat instanceof WebSocket && chat instanceof EventTarget, true);
        same(chat.send('x'), 'hall: x');
        same(chat.url, 'ws://127.0.0.1:1/');
        class Ping extends Event { constructor(n) { super('ping', { cancelable: true }); this.n = n; } }
        class Bus extends EventTarget {}
        const bus = new Bus();
        bus.addEventListener('ping', function (e) {
            same(this, bus); same(e.n, 4); same(e instanceof Ping, true); e.preventDefault();
        });
        same(bus.dispatchEvent(new Ping(4)), false);
        class Failure extends DOMException {}
        same(new Failure('m', 'SyntaxError').code, 12);
        same(new Failure() instanceof Error, true);
        const other = Reflect.construct(WebSocket, ['ws://127.0.0.1:1/'], Array);
        same(Object.getPrototypeOf(other), Array.prototype);
        const { get } = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'readyState');
        same(get.call(other), 0);
        function NoPrototype() {}
        NoPrototype.prototype = 1;
        same(Object.getPrototypeOf(Reflect.construct(Event, ['x'], NoPrototype)), Event.prototype);",
    );
}

pub(super) fn is_trusted_is_a_property_of_each_event<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const [a, b] = [new Event('a'), new CloseEvent('b')];
        const descriptor = Object.getOwnPropertyDescriptor(a, 'isTrusted');
        same(descriptor.enumerable, true);
        same(descriptor.configurable, false);
        same(descriptor.set, undefined);
        same(descriptor.get, Object.getOwnPropertyDescriptor(b, 'isTrusted').get);
        same(descriptor.get.name, 'get isTrusted');
        same('isTrusted' in Event.prototype, false);
        same(a.isTrusted, false);",
    );
}

pub(super) fn an_exception_is_an_error<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const exception = throws('SyntaxError', () => new WebSocket('ws://x/#'));
        same(exception instanceof DOMException, true);
        same(exception instanceof Error, true);
        same(exception.constructor, DOMException);
        same(exception.code, DOMException.SYNTAX_ERR);
        same(typeof exception.message, 'string');
        same(String(exception), `SyntaxError: ${exception.message}`);
        same(Object.prototype.toString.call(exception), '[object DOMException]');
        const made = new DOMException('gone', 'NotFoundError');
        same([made.name, made.message, made.code].join(), 'NotFoundError,gone,8');
        same([new DOMException().name, new DOMException().message].join(), 'Error,');
        same(new DOMException('', 'Unknown').code, 0);
        for (const name of ['name', 'message', 'code']) {
            const { get, set, enumerable, configurable } =
                Object.getOwnPropertyDescriptor(DOMException.prototype, name);
            same(set, undefined);
            same(enumerable && configurable, true);
            throws('TypeError', () => get.call({}));
        }",
    );
}
