"use strict";
equal(self, globalThis);
// Libraries take who has these for something that this is not.
for (const absent of ["window", "document", "process", "require", "Buffer", "importScripts", "localStorage",
  "XMLHttpRequest", "EventSource", "Deno", "Bun"]) {
  equal(absent in globalThis, false, absent);
}

equal([location.href, location.protocol, location.host], ["https://example.com/page?q#f", "https:", "example.com"]);
equal([`${location}`, location.search, location.hash, origin], ["https://example.com/page?q#f", "?q", "#f", "https://example.com"]);

shape(Navigator, {
  userAgent: undefined, hardwareConcurrency: undefined, language: undefined, languages: undefined, onLine: undefined,
});
equal(navigator.userAgent.startsWith("dom-websocket-shell/"), true);
equal(navigator.hardwareConcurrency > 0, true);
equal([navigator.onLine, navigator.language, Object.isFrozen(navigator.languages)], [true, "en-US", true]);

shape(Performance, { now: 0, timeOrigin: undefined, toJSON: 0 });
equal(performance instanceof EventTarget, true);
let last = performance.now();
for (let i = 0; i < 1000; i++) {
  const now = performance.now();
  equal(now >= last, true, "the clock's next");
  last = now;
}
equal(Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000, true);
equal(performance.toJSON().timeOrigin, performance.timeOrigin);

for (const name of ["setTimeout", "fetch", "atob", "structuredClone", "queueMicrotask", "reportError", "self"]) {
  const { enumerable } = Object.getOwnPropertyDescriptor(globalThis, name);
  equal(enumerable, true, name);
}
// Of Annex B.
equal(["abc".substr(-2, 1), escape("é"), unescape("%E9")], ["b", "%E9", "é"]);
done();
