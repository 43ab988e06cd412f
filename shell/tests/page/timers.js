"use strict";
equal([setTimeout.length, setInterval.length, clearTimeout.length, queueMicrotask.length], [1, 1, 0, 1]);
throws("TypeError", () => setTimeout());
throws("TypeError", () => queueMicrotask(1));
throws("TypeError", () => setTimeout(() => {}, Symbol()));

const order = [];
const note = (...words) => order.push(...words);
const begin = performance.now();
setTimeout(note, 2, "late");
setTimeout(note, 0, "a", "b");
setTimeout(note, -5, "negative");
setTimeout(note, "0", "string");
const tookLong = performance.now() - begin >= 2;
setTimeout("globalThis.fromText = 1");
Promise.resolve().then(() => note("microtask"));
queueMicrotask(() => note("microtask too"));
note("script");

// Either clears what the other has set, and what isn't there is nothing to clear.
clearInterval(setTimeout(note, 0, "cleared"));
clearTimeout(setInterval(note, 0, "cleared"));
clearTimeout(12345);
clearTimeout();
clearTimeout("nothing");

setTimeout(function () {
  equal(this, globalThis);
}, 0);

let rounds = 0;
const interval = setInterval((step) => {
  rounds += step;
  if (rounds === 3) clearInterval(interval);
}, 1, 1);

// Nested deeper than five they take 4 ms.
let depth = 0;
let start;
setTimeout(function nested() {
  depth += 1;
  if (depth === 6) start = performance.now();
  if (depth < 9) return setTimeout(nested, 0);
  equal(performance.now() - start >= 11, true, "three nested timers taking 12 ms");
  finish();
}, 0);

function finish() {
  // On a machine that stood still it may be due before the others are set.
  if (tookLong) order.push(...order.splice(order.indexOf("late"), 1));
  equal(order, ["script", "microtask", "microtask too", "a", "b", "negative", "string", "late"]);
  equal([rounds, fromText], [3, 1]);
  // In masses, too.
  const ids = Array.from({ length: 20000 }, () => setTimeout(note, 100000, "never"));
  ids.forEach(clearTimeout);
  done();
}
