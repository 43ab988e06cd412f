"use strict";
shape(CustomEvent, { detail: undefined, initCustomEvent: 1 });
const detail = { a: 1 };
const event = new CustomEvent("x", { detail, cancelable: true });
equal([event.type, event.detail === detail, event.cancelable, event.bubbles], ["x", true, true, false]);
equal(event instanceof Event, true);
equal(new CustomEvent("x").detail, null);
throws("TypeError", () => new CustomEvent());
event.initCustomEvent("y", true, false, 2);
equal([event.type, event.detail, event.bubbles, event.cancelable], ["y", 2, true, false]);

// The global object has listeners.
const heard = [];
function listener(event) {
  heard.push(event.type, event.detail);
  event.initCustomEvent("z", false, false, 3);
}
addEventListener("online", listener);
dispatchEvent(new CustomEvent("online", { detail: 1 }));
removeEventListener("online", listener);
dispatchEvent(new CustomEvent("online", { detail: 2 }));
equal(heard, ["online", 1]);
for (const type of ["offline", "beforeunload", "pagehide"]) addEventListener(type, listener);

onerror = (message, file, line, column, error) => {
  heard.push(message, file, line > 0, column > 0, error.message);
  return true;
};
reportError(new TypeError("told of"));
equal(heard.slice(2), ["Uncaught TypeError: told of", "events.js", true, true, "told of"]);
throws("TypeError", () => reportError());
onerror = null;

addEventListener("error", (event) => {
  equal([event.error, event.filename], [5, "events.js"]);
  event.preventDefault();
}, { once: true });
reportError(5);

addEventListener("unhandledrejection", (event) => {
  equal(event.reason, 6);
  event.preventDefault();
  done();
});
Promise.reject(6);
