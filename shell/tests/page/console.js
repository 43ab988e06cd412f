"use strict";
console.log();
console.log("plain", 1, -0, 10n, null, undefined, true, Symbol("s"));
console.info("%s|%d|%i|%f|%o|%O|%c|%%|%s", "s", "42.9x", 7.9, "1.5z", { a: "x" }, [1], "color: red", "more", "rest", 5);
console.debug("%s alone");
console.warn("%d %s", Symbol("d"), Symbol("e"));
console.error("100%", "%s");
console.log({ a: 1, "b-c": { d: { e: { f: { g: 1 } } } }, [Symbol("k")]: 2, get x() { throw 1; } });
console.log([1, , "two", [3]], new Map([[{}, "v"]]), new Set([1]), new Uint8Array([1, 2]), new ArrayBuffer(2));
console.log(new Date(0), new Date(NaN), /x/g, function named() {}, () => {}, class A {}, Object.create(null));
console.log(new (class Point { x = 1; })(), new Event("x"), Array(3));
console.log(Array.from({ length: 101 }, () => 0).length, Array.from({ length: 200 }, () => 0));

// Nothing of script's makes it throw.
const cycle = { name: "cycle" };
cycle.self = cycle;
console.log(cycle);
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
const hostile = new Proxy(function () {}, {
  get() { throw new Error("get"); },
  has() { throw new Error("has"); },
  ownKeys() { throw new Error("ownKeys"); },
  getPrototypeOf() { throw new Error("getPrototypeOf"); },
  getOwnPropertyDescriptor() { throw new Error("getOwnPropertyDescriptor"); },
});
const tagged = { get [Symbol.toStringTag]() { throw new Error("tag"); } };
const error = new Error();
for (const name of ["name", "message", "stack"]) {
  Object.defineProperty(error, name, { get() { throw new Error(name); } });
}
// Who goes over its prototypes has never done.
const itself = new Proxy(new Map([["k", "v"]]), { getPrototypeOf: () => itself });
const unprintable = { toString() { throw new Error("toString"); } };
for (const value of [proxy, hostile, tagged, error, itself, unprintable]) {
  console.log([value]);
  console.log("%s %d %o", value, value, value);
  console.error(value, { value });
  console.table(value);
  console.dir(value);
  console.assert(false, value);
  console.group(value);
  console.groupEnd();
}
let nested = [];
for (let i = 0; i < 5000; i++) nested = [nested];
console.log(nested);
const wide = (depth) => (depth === 0 ? 0 : Array.from({ length: 50 }, () => wide(depth - 1)));
const text = [];
console.log(wide(3).length);

console.assert(true, "not printed");
console.assert(false);
console.assert(false, "why %s", 1);
console.assert(false, { a: 1 });
console.count();
console.count("x");
console.count("x");
console.countReset("x");
console.count("x");
console.countReset("never");
console.timeEnd("never");
console.group("outer");
console.log("in\nside");
console.groupCollapsed();
console.warn("deeper");
console.groupEnd();
console.groupEnd();
console.groupEnd();
console.log("outside");
console.dir({ a: "x" }, {});
console.dirxml("xml", 1);
console.table([{ a: 1, b: "x" }, { a: 2, c: 3 }, 5]);
console.table(new Map([["k", "v"]]));
console.table([{ a: 1, b: 2 }], ["b"]);
console.table("no table");
console.time("t");
if (typeof console.timeLog("t2") !== "undefined") fail("timeLog");
console.clear();
const throwing = { toString() { throw new RangeError("label"); } };
throws("RangeError", () => console.count(throwing));
const { log } = console;
log("unbound", Object.prototype.toString.call(console), log.length, console.table.length);
