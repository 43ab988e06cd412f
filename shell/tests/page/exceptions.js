"use strict";
// What nobody catches is told of, and the run goes on. Stacks are an engine's own.
const without = (error) => Object.defineProperty(error, "stack", { value: "" });
reportError(without(new TypeError("reported")));
reportError("a string");
reportError(null);
reportError(new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } }));
setTimeout(() => { throw without(new RangeError("in a timer")); });
queueMicrotask(() => { throw { an: "object" }; });
Promise.reject(without(new Error("in a promise")));
const told = new Promise((_, reject) => reject(new Error("told")));
addEventListener("unhandledrejection", (event) => {
  if (event.promise !== told) return;
  event.preventDefault();
  console.log(String(event), event instanceof PromiseRejectionEvent, event.cancelable, event.reason.message);
});
const caught = Promise.reject(1);
caught.catch(() => {});
addEventListener("error", (event) => {
  if (event.message === "Uncaught in a listener too") throw without(new Error("of the listener"));
});
setTimeout(() => reportError("in a listener too"), 5);
