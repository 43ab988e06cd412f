// What the C API has no way to, with the functions that the realm has before any script could replace them.
// The order is that of `Helper`.
(() => {
    'use strict';
    const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { create, freeze } = Object;
    const { isView } = ArrayBuffer;
    const OurProxy = Proxy;
    const Bytes = Uint8Array;
    const typeError = TypeError.prototype;
    const getter = (object, name) => getOwnPropertyDescriptor(object, name)?.get;
    // undefined where the object is not of the getter's kind. Nothing else that is thrown is an answer: the stack or
    // the memory may be at its end.
    const attempt = (get, object) => {
        if (!get) return undefined;
        try {
            return apply(get, object, []);
        } catch (error) {
            const isObject = typeof error === 'object' && error !== null;
            if (isObject && getPrototypeOf(error) === typeError) return undefined;
            throw error;
        }
    };
    const typed = getPrototypeOf(Bytes.prototype);
    const typedName = getter(typed, Symbol.toStringTag);
    const view = DataView.prototype;
    const plain = ArrayBuffer.prototype;
    // Shared memory there may be without its constructor on the global object.
    const shared = (() => {
        if (typeof SharedArrayBuffer === 'function') return SharedArrayBuffer.prototype;
        try {
            const memory = new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true });
            return getPrototypeOf(memory.buffer);
        } catch {
            return {};
        }
    })();
    const [typedBuffer, typedOffset, typedLength] =
        ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(typed, name));
    const [viewBuffer, viewOffset, viewLength] =
        ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(view, name));
    const plainLength = getter(plain, 'byteLength');
    const sharedLength = shared === plain ? undefined : getter(shared, 'byteLength');
    const detached = getter(plain, 'detached');
    const resizable = getter(plain, 'resizable');
    const growable = getter(shared, 'growable');
    // Of a value that is a view.
    const isTyped = (view) => apply(typedName, view, []) !== undefined;
    const bufferOf = (view) => apply(isTyped(view) ? typedBuffer : viewBuffer, view, []);

    // new.target travels as `this`: the C API hands it on in no other way.
    const constructor = (native) => new OurProxy(function () {}, {
        __proto__: null,
        apply: (target, _, args) => apply(native, undefined, args),
        construct: (target, args, newTarget) => apply(native, newTarget, args),
    });

    // Private fields of objects that have none of ours otherwise: script can't see them, and the collector traces them.
    // The C API's objects with data would do, but for a @@toStringTag of their own.
    const Given = function (object) { return object; };
    class HostObject extends Given {
        #holder;
        constructor(object, holder) { super(object); this.#holder = holder; }
        static holder(object) { return #holder in object ? object.#holder : undefined; }
    }
    class HostFunction extends Given {
        #kept;
        constructor(object, kept) { super(object); this.#kept = kept; }
        static kept(object) { return object.#kept; }
    }
    // What has an object's data, and its slots behind that.
    const hold = (data) => {
        const holder = create(null);
        holder[0] = data;
        return holder;
    };

    return {
        __proto__: null,
        0: Object.prototype,
        1: Function.prototype,
        2: Error.prototype,
        3: Bytes,
        4: Error,
        5: TypeError,
        6: RangeError,
        7: Symbol.iterator,
        8: Symbol.toStringTag,
        9: freeze,
        10: getPrototypeOf,
        // kind: 0, or 1 for a buffer and 2 for a view, and 4 if it is shared, 8 if it is resizable.
        11: (source) => {
            const isOfView = isView(source);
            const buffer = isOfView ? bufferOf(source) : source;
            const kind = isOfView ? 2 : 1;
            if (attempt(plainLength, buffer) !== undefined) {
                return kind | (attempt(resizable, buffer) ? 8 : 0);
            }
            if (attempt(sharedLength, buffer) !== undefined) {
                return kind | 4 | (attempt(growable, buffer) ? 8 : 0);
            }
            return 0;
        },
        // copy: the bytes of a source, none if it is detached or too short, in an array of their own. A buffer that
        // the C API has shown can't be transferred any more.
        12: (source) => {
            const isOfView = isView(source);
            const buffer = isOfView ? bufferOf(source) : source;
            if (attempt(detached, buffer)) return new Bytes(0);
            if (!isOfView) return new Bytes(new Bytes(buffer));
            const [getOffset, getLength] =
                isTyped(source) ? [typedOffset, typedLength] : [viewOffset, viewLength];
            const offset = attempt(getOffset, source) ?? 0, length = attempt(getLength, source) ?? 0;
            return length ? new Bytes(new Bytes(buffer, offset, length)) : new Bytes(0);
        },
        // data property
        13: (object, key, value, writable, enumerable, configurable) => {
            defineProperty(object, key, { __proto__: null, value, writable, enumerable, configurable });
        },
        // accessor property
        14: (object, key, get, set, enumerable, configurable) => {
            defineProperty(object, key, { __proto__: null, get, set, enumerable, configurable });
        },
        // function: one of the C API's keeps its registry and its data.
        15: (native, registry, data, name, length, isConstructor) => {
            new HostFunction(native, { __proto__: null, registry, data });
            const made = isConstructor ? constructor(native) : native;
            defineProperty(made, 'length', { __proto__: null, value: length, configurable: true });
            defineProperty(made, 'name', { __proto__: null, value: name, configurable: true });
            return made;
        },
        // number: the C API's conversion takes a BigInt.
        16: (value) => +value,
        // host object
        17: (prototype, data) => {
            const object = create(prototype);
            new HostObject(object, hold(data));
            return object;
        },
        // holder
        18: HostObject.holder,
        // event: a host object with two slots that are in use.
        19: (prototype, data, isTrusted, first, second) => {
            const event = create(prototype), holder = hold(data);
            holder[1] = first;
            holder[2] = second;
            new HostObject(event, holder);
            defineProperty(event, 'isTrusted', { __proto__: null, get: isTrusted, enumerable: true });
            return event;
        },
        // apply: the C API has a `this` only if it is an object.
        20: apply,
    };
})()
