// What Web IDL (https://webidl.spec.whatwg.org/) asks of each interface that follows: conversions, exceptions and the shape
// that script sees. And the way to Rust.
(function (page) {
  "use strict";
  const { native } = page;
  const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, setPrototypeOf } = Reflect;
  const { toWellFormed } = String.prototype;
  const { toString } = Object.prototype;

  // The other files' functions that Rust calls.
  page.calls = {};

  // Asks Rust. Its strings have no lone surrogates.
  page.host = (...strings) => native(...strings.map((string) => apply(toWellFormed, string, [])));

  page.define = (name, value, enumerable = false) =>
    defineProperty(globalThis, name, { value, enumerable, writable: true, configurable: true });

  // --- Conversions ---

  page.toUSVString = (value) => apply(toWellFormed, `${value}`, []);

  page.toByteString = (value) => {
    const string = `${value}`;
    if (/[^\0-\xff]/.test(string)) throw new TypeError("a character is greater than 255");
    return string;
  };

  page.toLong = (value) => Number(value) | 0;

  page.isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

  // `instanceof`, but for a proxy that says it is its own prototype, over which that never ends.
  const LONGEST_CHAIN = 1000;
  page.isInstance = (value, { prototype }) => {
    for (let i = 0; i < LONGEST_CHAIN && page.isObject(value); i++) {
      value = getPrototypeOf(value);
      if (value === prototype) return true;
    }
    return false;
  };

  // Where the language has no `Error.isError`, what is tagged as something else is judged by its prototypes.
  page.isError = Error.isError ?? ((value) => {
    try {
      if (!page.isObject(value)) return false;
      if (typeof value[Symbol.toStringTag] === "string") return page.isInstance(value, Error);
      return apply(toString, value, []) === "[object Error]";
    } catch {
      return false;
    }
  });

  page.toDictionary = (value) => {
    if (value === undefined || value === null) return {};
    if (!page.isObject(value)) throw new TypeError("the options are no object");
    return value;
  };

  // A sequence of records' entries or a record: a list of pairs.
  page.toPairs = (init, convert) => {
    const method = init[Symbol.iterator];
    if (method === undefined || method === null) {
      const pairs = new Map();
      for (const key of ownKeys(init)) {
        const property = getOwnPropertyDescriptor(init, key);
        if (property?.enumerable) pairs.set(convert(key), convert(init[key]));
      }
      return [...pairs];
    }
    return Array.from(page.iterate(init, method), (pair) => {
      if (!page.isObject(pair)) throw new TypeError("a pair is no sequence");
      const items = Array.from(page.iterate(pair, pair[Symbol.iterator]), convert);
      if (items.length !== 2) throw new TypeError("a pair has not two items");
      return items;
    });
  };

  page.iterate = (object, method) => {
    if (typeof method !== "function") throw new TypeError("no sequence was given");
    return { [Symbol.iterator]: () => apply(method, object, []) };
  };

  page.requires = (parameters, count, name) => {
    if (parameters.length < count) {
      throw new TypeError(`${name} needs ${count} argument${count > 1 ? "s" : ""}, not ${parameters.length}`);
    }
  };

  const { DOMException } = globalThis;
  page.exception = (name, message) => new DOMException(message, name);

  // --- Bytes. To Rust, and from there, they go as strings: a character for each ---

  const getter = (prototype, name) => {
    const { get } = getOwnPropertyDescriptor(prototype, name);
    return (object) => apply(get, object, []);
  };
  page.getter = getter;

  // True if the getter, which throws for all objects but those of its kind, doesn't.
  page.hasSlots = (read) => (value) => {
    try {
      read(value);
      return true;
    } catch {
      return false;
    }
  };

  page.isDOMException = page.hasSlots(getter(DOMException.prototype, "code"));

  const TypedArray = getPrototypeOf(Uint8Array);
  const { isView } = ArrayBuffer;
  const byteLength = getter(ArrayBuffer.prototype, "byteLength");
  page.isArrayBuffer = page.hasSlots(byteLength);
  // Where its constructor is not on the global object, there can be shared memory all the same.
  const shared = (() => {
    if (typeof SharedArrayBuffer === "function") return SharedArrayBuffer.prototype;
    try {
      return getPrototypeOf(new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true }).buffer);
    } catch {
      return ArrayBuffer.prototype;
    }
  })();
  page.isSharedArrayBuffer = shared === ArrayBuffer.prototype
    ? () => false
    : page.hasSlots(getter(shared, "byteLength"));
  // The name of a typed array's constructor. Undefined for what is none.
  page.typedArrayName = getter(TypedArray.prototype, Symbol.toStringTag);
  const ofTypedArray = {
    buffer: getter(TypedArray.prototype, "buffer"),
    byteOffset: getter(TypedArray.prototype, "byteOffset"),
    byteLength: getter(TypedArray.prototype, "byteLength"),
  };
  const ofDataView = {
    buffer: getter(DataView.prototype, "buffer"),
    byteOffset: getter(DataView.prototype, "byteOffset"),
    byteLength: getter(DataView.prototype, "byteLength"),
  };

  // Where the bytes of a view lie. Those of a detached buffer are none.
  page.partsOfView = (view) => {
    const of = page.typedArrayName(view) === undefined ? ofDataView : ofTypedArray;
    const buffer = of.buffer(view);
    try {
      return { buffer, byteOffset: of.byteOffset(view), byteLength: of.byteLength(view) };
    } catch {
      return { buffer, byteOffset: 0, byteLength: 0 };
    }
  };

  page.isBufferSource = (value) =>
    isView(value) || page.isArrayBuffer(value) || page.isSharedArrayBuffer(value);

  // The bytes of a buffer source, where they are.
  page.bytesOf = (source) => {
    if (isView(source)) {
      const { buffer, byteOffset, byteLength } = page.partsOfView(source);
      return byteLength === 0 ? new Uint8Array() : new Uint8Array(buffer, byteOffset, byteLength);
    }
    if (page.isArrayBuffer(source)) {
      return byteLength(source) === 0 ? new Uint8Array() : new Uint8Array(source);
    }
    if (page.isSharedArrayBuffer(source)) return new Uint8Array(source);
    throw new TypeError("neither a buffer nor a view was given");
  };

  const { fromCharCode } = String;
  const { charCodeAt } = String.prototype;

  page.textOfBytes = (bytes) => {
    const parts = [];
    for (let i = 0; i < bytes.length; i += 8192) {
      parts.push(apply(fromCharCode, undefined, bytes.subarray(i, i + 8192)));
    }
    return parts.join("");
  };

  page.bytesOfText = (text) => {
    const { length } = text;
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = apply(charCodeAt, text, [i]);
    return bytes;
  };

  // --- Shapes ---

  // Members of interfaces are enumerable, those of classes aren't.
  page.makeEnumerable = (object, names = ownKeys(object)) => {
    for (const name of names) {
      const property = getOwnPropertyDescriptor(object, name);
      if (typeof name === "string" && name !== "constructor" && property.configurable) {
        defineProperty(object, name, { ...property, enumerable: true });
      }
    }
  };

  page.nameObject = (object, name) =>
    defineProperty(object, Symbol.toStringTag, { value: name, configurable: true });

  // A class as an interface of the global object.
  page.interfaces = [];
  page.expose = (Class, name = Class.name) => {
    page.interfaces.push(Class);
    page.makeEnumerable(Class.prototype);
    page.makeEnumerable(Class, ownKeys(Class).filter((key) => !["name", "length", "prototype"].includes(key)));
    page.nameObject(Class.prototype, name);
    page.define(name, Class);
  };

  // What an interface without a constructor is called with to make its objects here.
  const key = Symbol("key");
  page.key = key;
  page.allow = (given) => {
    if (given !== key) throw new TypeError("Illegal constructor");
  };

  // Web IDL "iterable declarations" over pairs, which `pairsOf(object)` has. What is iterated over may change meanwhile.
  page.makeIterable = (Class, pairsOf) => {
    const iterate = (object, kind) => {
      pairsOf(object); // An object of another kind has none.
      return new Iterator(object, kind);
    };
    class Iterator {
      #object;
      #kind;
      #index = 0;

      constructor(object, kind) {
        this.#object = object;
        this.#kind = kind;
      }
      next() {
        const pair = pairsOf(this.#object)[this.#index];
        if (!pair) return { value: undefined, done: true };
        this.#index += 1;
        const value = this.#kind === "entries" ? [...pair] : pair[this.#kind === "keys" ? 0 : 1];
        return { value, done: false };
      }
    }
    delete Iterator.prototype.constructor;
    page.makeEnumerable(Iterator.prototype);
    page.nameObject(Iterator.prototype, `${Class.name} Iterator`);
    setPrototypeOf(Iterator.prototype, getPrototypeOf(getPrototypeOf([][Symbol.iterator]())));

    const { entries, keys, values, forEach } = {
      entries() { return iterate(this, "entries"); },
      keys() { return iterate(this, "keys"); },
      values() { return iterate(this, "values"); },
      forEach(callback, thisArgument = undefined) {
        const pairs = () => pairsOf(this);
        pairs();
        page.requires(arguments, 1, "forEach");
        if (typeof callback !== "function") throw new TypeError("forEach: the callback is not a function");
        for (let i = 0; i < pairs().length; i++) {
          apply(callback, thisArgument, [pairs()[i][1], pairs()[i][0], this]);
        }
      },
    };
    for (const [name, value] of Object.entries({ entries, forEach, keys, values })) {
      defineProperty(Class.prototype, name, { value, writable: true, configurable: true });
    }
    defineProperty(Class.prototype, Symbol.iterator, { value: entries, writable: true, configurable: true });
  };
})
