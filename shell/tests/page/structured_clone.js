"use strict";
equal(structuredClone.length, 1);
for (const value of [undefined, null, true, 1.5, NaN, -0, "text", 12345678901234567890n]) {
  equal(structuredClone(value), value);
}

// A graph with a cycle, and what leads to one thing twice.
const shared = { s: 1 };
const graph = { list: [1, , "x"], shared, again: shared, nested: { deep: [[]] } };
graph.self = graph;
graph.list.extra = "y";
const copy = structuredClone(graph);
equal(copy !== graph && copy.self === copy && copy.shared === copy.again && copy.shared !== shared, true);
equal([copy.list.length, 1 in copy.list, copy.list.extra], [3, false, "y"]);
equal(Object.getPrototypeOf(structuredClone(new (class A { a = 1; })())), Object.prototype);
equal(structuredClone({ get a() { return 1; } }), { a: 1 });
equal(structuredClone(Object.create({ inherited: 1 }, { hidden: { value: 1 } })), {});

let deep = {};
for (let i = 0; i < 1000; i++) deep = { deep };
equal(typeof structuredClone(deep).deep.deep, "object");

const map = new Map([["a", shared], [shared, "b"]]);
map.set("self", map);
const mapCopy = structuredClone(map);
equal(mapCopy instanceof Map && mapCopy.get("self") === mapCopy && mapCopy.get(mapCopy.get("a")) === "b", true);
equal([...structuredClone(new Set([1, "a"]))], [1, "a"]);
equal(structuredClone(new Date(5)).getTime(), 5);
equal(Number.isNaN(structuredClone(new Date(NaN)).getTime()), true);
const expression = /a(b)/gi;
expression.lastIndex = 3;
equal([`${structuredClone(expression)}`, structuredClone(expression).lastIndex], ["/a(b)/gi", 0]);
for (const boxed of [Object(true), Object(false), Object(1), Object("x"), Object(1n)]) {
  const boxedCopy = structuredClone(boxed);
  equal(typeof boxedCopy === "object" && boxedCopy.valueOf() === boxed.valueOf(), true);
}

// Memory.
const buffer = new ArrayBuffer(8);
const views = { bytes: new Uint8Array(buffer, 2, 4), words: new Int16Array(buffer), data: new DataView(buffer, 1, 3), buffer };
views.bytes.set([1, 2, 3, 4]);
const viewsCopy = structuredClone(views);
equal(viewsCopy.bytes.buffer === viewsCopy.buffer && viewsCopy.words.buffer === viewsCopy.buffer, true);
equal(viewsCopy.buffer !== buffer, true);
equal([[...viewsCopy.bytes], viewsCopy.bytes.byteOffset, viewsCopy.data.byteOffset, viewsCopy.data.byteLength], [[1, 2, 3, 4], 2, 1, 3]);
equal([...structuredClone(new BigUint64Array([5n]))][0], 5n);
const resizable = structuredClone(new ArrayBuffer(4, { maxByteLength: 16 }));
equal([resizable.resizable, resizable.byteLength, resizable.maxByteLength], [true, 4, 16]);
throws("DataCloneError", () => structuredClone(sharedMemory()), "shared memory");
throws("DataCloneError", () => structuredClone(new Uint8Array(sharedMemory())), "a view of shared memory");

// Exceptions.
for (const Class of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
  const error = structuredClone(new Class("why"));
  equal([error instanceof Class, error.name, error.message], [true, Class.name, "why"]);
}
const named = new Error("why");
named.name = "Own";
named.more = 1;
equal([structuredClone(named).name, "more" in structuredClone(named)], ["Error", false]);
// A name that is none of these is nothing to look up, nor to convert.
for (const name of ["constructor", "toString", "__proto__", Symbol("name"), { toString: () => fail("converted") }]) {
  const error = new Error("why");
  error.name = name;
  equal([structuredClone(error) instanceof Error, structuredClone(error).message], [true, "why"], String(name.description ?? typeof name));
}
equal(structuredClone({ [Symbol.toStringTag]: "Error", a: 1 }), { a: 1 });
const exception = structuredClone(new DOMException("why", "AbortError"));
equal([exception instanceof DOMException, exception.name, exception.code], [true, "AbortError", 20]);
const blob = structuredClone(new Blob(["abc"], { type: "text/x" }));
equal([blob.size, blob.type], [3, "text/x"]);

// What has no place in a clone.
for (const value of [() => {}, class {}, Symbol(), Object(Symbol()), new WeakMap(), new WeakSet(), Promise.resolve(),
  new WeakRef({}), new Event("x"), new EventTarget(), new AbortController(), new URL("http://h/"), new URLSearchParams(),
  new Headers(), new TextDecoder(), (function* () {})(), new MessageChannel().port1]) {
  throws("DataCloneError", () => structuredClone(value), Object.prototype.toString.call(value));
  throws("DataCloneError", () => structuredClone({ inside: [value] }));
}
// Of what has no end, there is one.
const itself = new Proxy({ a: 1 }, { getPrototypeOf: () => itself });
equal(structuredClone(itself), { a: 1 });
throws("Own", () => structuredClone({ get a() { throw named; } }));
throws("TypeError", () => structuredClone());
throws("TypeError", () => structuredClone(1, { transfer: 5 }));
throws("DataCloneError", () => structuredClone(1, { transfer: [{}] }));

if (typeof ArrayBuffer.prototype.transfer === "function") {
  const given = new Uint8Array([1, 2, 3]);
  const taken = structuredClone({ given, buffer: given.buffer }, { transfer: [given.buffer] });
  equal([given.length, [...taken.given], taken.given.buffer === taken.buffer], [0, [1, 2, 3], true]);
  throws("DataCloneError", () => structuredClone(given));
  throws("DataCloneError", () => structuredClone(1, { transfer: [given.buffer] }));
  // All or nothing.
  const kept = new ArrayBuffer(2);
  throws("DataCloneError", () => structuredClone(() => {}, { transfer: [kept] }));
  throws("DataCloneError", () => structuredClone(1, { transfer: [kept, kept] }));
  equal(kept.byteLength, 2);
} else {
  const kept = new ArrayBuffer(2);
  throws("DataCloneError", () => structuredClone(kept, { transfer: [kept] }));
  equal(kept.byteLength, 2);
}
done();
