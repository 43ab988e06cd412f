// What a script sees of WebSocket and of what belongs to it. Wants `--echo`; a check that fails, or never ends, makes the status 1.
const url = location.origin.replace("http", "ws") + "/";

function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}
const same = (actual, expected, what) =>
  check(Object.is(actual, expected), `${what}: ${String(actual)} is ${String(expected)}`);
const equal = (actual, expected, what) => same(JSON.stringify(actual), JSON.stringify(expected), what);
function throws(name, action, what) {
  try {
    action();
  } catch (exception) {
    same(exception.name, name, what);
    if (!name.endsWith("TypeError")) check(exception instanceof DOMException, `${what}: a DOMException`);
    return exception;
  }
  check(false, `${what} throws`);
}
const next = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
async function open(...parameters) {
  const socket = new WebSocket(url, ...parameters);
  await next(socket, "open");
  return socket;
}
async function close(socket) {
  socket.close();
  await next(socket, "close");
}

// Interface objects, prototypes, property descriptors.
for (const [name, length, parent] of [
  ["EventTarget", 0], ["WebSocket", 1, EventTarget], ["Event", 1], ["MessageEvent", 1, Event], ["CloseEvent", 1, Event],
  ["ErrorEvent", 1, Event], ["Blob", 0],
]) {
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
  equal([writable, enumerable, configurable], [true, false, true], name);
  equal([value.name, value.length], [name, length], name);
  same(Object.getPrototypeOf(value), parent ?? Function.prototype, `above ${name}`);
  same(Object.getPrototypeOf(value.prototype), parent?.prototype ?? Object.prototype, `above ${name}.prototype`);
  equal(Object.getOwnPropertyDescriptor(value, "prototype").writable, false, `${name}.prototype`);
  same(value.prototype[Symbol.toStringTag], name, "toStringTag");
  same(Object.getOwnPropertyDescriptor(value.prototype, "constructor").enumerable, false, "constructor");
  throws("TypeError", () => value(""), `${name}()`);
}
for (const name of ["onopen", "onmessage", "onerror", "onclose", "binaryType"]) {
  const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
  equal([get.name, set.name, enumerable, configurable], [`get ${name}`, `set ${name}`, true, true], name);
}
for (const name of ["url", "readyState", "bufferedAmount", "extensions", "protocol"]) {
  const { get, set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
  check(get && !set, `${name} is read-only`);
  throws("TypeError", () => get.call({}), `${name} of another object`);
  throws("TypeError", () => get.call(new EventTarget()), `${name} of another target`);
}
equal([WebSocket.prototype.send.length, WebSocket.prototype.close.length], [1, 0], "lengths");
for (const on of [WebSocket, WebSocket.prototype]) {
  equal([on.CONNECTING, on.OPEN, on.CLOSING, on.CLOSED], [0, 1, 2, 3], "states");
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(on, "OPEN");
  equal([writable, enumerable, configurable], [false, true, false], "a constant");
}

// The constructor.
throws("TypeError", () => new WebSocket(), "no URL");
throws("SyntaxError", () => new WebSocket("ws://"), "no host");
throws("SyntaxError", () => new WebSocket("mailto:x@example.com"), "another scheme");
throws("SyntaxError", () => new WebSocket(url + "#fragment"), "a fragment");
throws("SyntaxError", () => new WebSocket(url, ["a", "a"]), "a protocol twice");
throws("SyntaxError", () => new WebSocket(url, "a b"), "no token");
throws("TypeError", () => new WebSocket(Symbol()), "a symbol");
throws("TypeError", () => new WebSocket(url, [Symbol()]), "a symbol for a protocol");
throws("TypeError", () => new WebSocket(url, { [Symbol.iterator]: 1 }), "an iterator that can't be called");
equal(new WebSocket("/a b\ud800").url, url + "a%20b%EF%BF%BD", "relative to the page, as a USVString");
const order = [];
const note = (name, value) => ({ toString: () => (order.push(name), value) });
throws("SyntaxError", () => new WebSocket(note("url", "ws://"), [note("a", "a"), note("b", "b")]), "no host");
equal(order, ["url", "a", "b"], "the order of conversions");
class Subclass extends WebSocket {
  get twice() { return this.url + this.url; }
}
const heir = new Subclass(url);
check(heir instanceof Subclass && heir instanceof WebSocket && heir instanceof EventTarget, "instanceof");
same(heir.twice, url + url, "a subclass");
same(Object.getPrototypeOf(Reflect.construct(WebSocket, [url], Array)), Array.prototype, "new.target");
same(Object.prototype.toString.call(heir), "[object WebSocket]", "toString");
heir.close();

{
  // CONNECTING.
  const socket = new WebSocket(url);
  equal([socket.readyState, socket.bufferedAmount, socket.extensions, socket.protocol, socket.binaryType], [0, 0, "", "", "blob"], "new");
  same(throws("InvalidStateError", () => socket.send("x"), "send").code, 11, "its code");
  throws("TypeError", () => socket.send(), "nothing to send");
  socket.onopen = 1;
  same(socket.onopen, null, "a handler that is no object");
  socket.onopen = {};
  equal(socket.onopen, {}, "one that can't be called");
  socket.binaryType = "neither";
  same(socket.binaryType, "blob", "an enumeration's other value");
  throws("InvalidAccessError", () => socket.close(1001), "a code for browsers");
  throws("InvalidAccessError", () => socket.close(NaN), "NaN is 0");
  throws("SyntaxError", () => socket.close(1000, "é".repeat(62)), "a long reason");
  throws("TypeError", () => socket.close(10n), "a BigInt");
  same(socket.readyState, WebSocket.CONNECTING, "still");
  const seen = [];
  for (const type of ["open", "error", "close"]) socket.addEventListener(type, (event) => seen.push(event.type, socket.readyState));
  socket.close();
  same(socket.readyState, WebSocket.CLOSING, "after close()");
  const { wasClean, code, reason } = await next(socket, "close");
  equal(seen, ["error", 3, "close", 3], "a close() before it is open");
  equal([wasClean, code, reason], [false, 1006, ""], "its event");
}
{
  // Subprotocols: an iterable, and one that is a string.
  const socket = await open(new Set(["chat", "superchat"]));
  same(socket.protocol, "chat", "protocol");
  same(socket.readyState, 1, "OPEN");
  throws("InvalidAccessError", () => socket.close(4999.5), "ties go to the even number: 5000");
  socket.close(3998.5, "bye \ud800");
  const event = await next(socket, "close");
  equal([event.wasClean, event.code, event.reason], [true, 3998, ""], "a close, echoed by its code");
  check(event instanceof CloseEvent && event.isTrusted && event.target === socket, "a trusted CloseEvent");
  socket.send("x");
  check(socket.bufferedAmount > 0, "what is sent too late is counted");
}

{
  // Messages of each kind.
  const socket = await open();
  const echo = async (data) => {
    socket.send(data);
    return (await next(socket, "message")).data;
  };
  same(await echo("\ud800x\udc00 \ud83d\ude00 \0 ü"), "\ufffdx\ufffd \ud83d\ude00 \0 ü", "text");
  same(await echo(null), "null", "null");
  same(await echo(new SharedArrayBuffer(1)), "[object SharedArrayBuffer]", "a SharedArrayBuffer is text");
  const blob = await echo(new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
  check(blob instanceof Blob && blob.size === 2 && blob.type === "", "a Blob");
  equal([...(await blob.bytes())], [2, 3], "its bytes");
  socket.binaryType = "arraybuffer";
  const bytes = async (data) => [...new Uint8Array(await echo(data))];
  equal(await bytes(new Uint16Array([1]).buffer), [1, 0], "an ArrayBuffer");
  equal(await bytes(new DataView(new Uint8Array([1, 2, 3]).buffer, 1)), [2, 3], "a DataView");
  equal(await bytes(new Blob(["ab", new Uint8Array([99]), new Blob(["d"])])), [97, 98, 99, 100], "a Blob");
  equal(await bytes(new Uint8Array(0)), [], "nothing");
  const detached = new Uint8Array(4);
  detached.buffer.transfer();
  equal(await bytes(detached), [], "what is detached");
  throws("TypeError", () => socket.send(new Uint8Array(new SharedArrayBuffer(1))), "shared memory");
  throws("TypeError", () => socket.send(new ArrayBuffer(1, { maxByteLength: 2 })), "memory that can grow");
  throws("TypeError", () => socket.send(Symbol()), "a symbol");
  socket.send("x".repeat(5));
  same(socket.bufferedAmount, 5, "bufferedAmount");
  const event = await next(socket, "message");
  same(socket.bufferedAmount, 0, "bufferedAmount, later");
  equal([event.origin, event.lastEventId, event.source, event.ports], [url.slice(0, -1), "", null, []], "a MessageEvent");
  check(Object.isFrozen(event.ports) && event.isTrusted && event instanceof MessageEvent, "of its interface");
  check(event.timeStamp > 0 && event.timeStamp <= performance.now(), "timeStamp");
  await close(socket);
}
{
  // Listeners: their order, options, microtasks in between, exceptions that stop nothing.
  const socket = await open();
  const seen = [];
  const hear = (name) => () => {
    seen.push(name);
    Promise.resolve().then(() => seen.push("microtask"));
  };
  const twice = hear("twice");
  socket.addEventListener("message", twice);
  socket.addEventListener("message", twice);
  socket.onmessage = hear("replaced");
  socket.addEventListener("message", hear("captures"), true);
  socket.addEventListener("message", hear("once"), { once: true });
  socket.addEventListener("message", { get handleEvent() { return hear("object"); } });
  socket.addEventListener("message", () => { throw new Error("on purpose"); });
  socket.addEventListener("message", { handleEvent: 1 });
  const removed = hear("removed");
  socket.addEventListener("message", () => socket.removeEventListener("message", removed));
  socket.addEventListener("message", removed);
  socket.addEventListener("message", null);
  socket.onmessage = hear("handler");
  const errors = [];
  const onError = (event) => {
    event.preventDefault();
    errors.push([event.message, event.filename.split("/").pop(), event.lineno > 0, event.error instanceof Error]);
  };
  addEventListener("error", onError);
  socket.send("");
  await next(socket, "message");
  const thrower = new EventTarget();
  thrower.addEventListener("x", () => { throw "a\0b"; });
  thrower.dispatchEvent(new Event("x"));
  same(errors.pop()[0], "Uncaught a\0b", "a message with a NUL");
  removeEventListener("error", onError);
  equal(seen, ["captures", "microtask", "twice", "microtask", "handler", "microtask", "once", "microtask", "object", "microtask"], "order");
  same(errors.length, 2, "errors");
  equal(errors[0], ["Uncaught Error: on purpose", "tests.mjs", true, true], "an error");
  check(errors[1][0].startsWith("Uncaught TypeError"), "a handleEvent that can't be called");
  throws("TypeError", () => socket.addEventListener("x", 1), "a listener that is no object");
  throws("TypeError", () => socket.addEventListener("x", null, { signal: {} }), "a signal that is none");
  await close(socket);
}
{
  // Events of script's own.
  const socket = new WebSocket(url);
  const seen = [];
  socket.onmessage = (event) => {
    seen.push(event.isTrusted, event.eventPhase, event.currentTarget === socket, event.composedPath().length);
    Promise.resolve().then(() => seen.push("a microtask"));
    throws("InvalidStateError", () => socket.dispatchEvent(event), "an event under way");
    return false;
  };
  socket.addEventListener("message", (event) => event.preventDefault(), { passive: true });
  socket.addEventListener("message", (event) => event.stopImmediatePropagation());
  socket.addEventListener("message", () => seen.push("too late"));
  const event = new MessageEvent("message", { data: 1, cancelable: true });
  same(socket.dispatchEvent(event), false, "cancelled by a handler's false");
  equal(seen, [false, 2, true, 1], "without microtasks");
  equal([event.eventPhase, event.currentTarget, event.target === socket, event.defaultPrevented], [0, null, true, true], "afterwards");
  throws("TypeError", () => socket.dispatchEvent({}), "no event");
  throws("TypeError", () => new MessageEvent("x", { ports: [1] }), "no ports");
  throws("TypeError", () => new MessageEvent("x", 1), "no dictionary");
  const written = new MessageEvent("x", { data: 1 });
  written.initMessageEvent("message", true, 1, undefined, "\ud800", 2);
  const { type, bubbles, cancelable, data, origin, lastEventId, source, ports } = written;
  equal([type, bubbles, cancelable, data, origin, lastEventId, source, ports], ["message", true, true, null, "\ufffd", "2", null, []], "initMessageEvent");
  same(MessageEvent.prototype.initMessageEvent.length, 1, "its length");
  throws("TypeError", () => written.initMessageEvent("y", false, false, 2, "", "", {}), "another source");
  throws("TypeError", () => written.initMessageEvent.call(new Event("x"), "y"), "no MessageEvent");
  same(written.type, "message", "as it was");
  const busy = new EventTarget();
  busy.addEventListener("message", () => written.initMessageEvent("z", false, false, 3));
  busy.dispatchEvent(written);
  equal([written.type, written.data], ["message", null], "under way");
  const { code, reason, wasClean } = new CloseEvent("close", { code: 65537, reason: "\ud800", wasClean: 1 });
  equal([code, reason, wasClean], [1, "\ufffd", true], "a CloseEvent's dictionary");
  equal(Object.getOwnPropertyNames(new Event("x")), ["isTrusted"], "an event's own");
  same(Object.getOwnPropertyDescriptor(new Event("x"), "isTrusted").configurable, false, "unforgeable");
  throws("TypeError", () => Object.getOwnPropertyDescriptor(CloseEvent.prototype, "code").get.call(new Event("x")), "another event");
  socket.onclose = () => {};
  await close(socket);
}
{
  // A signal, of whatever AbortSignal the realm has.
  globalThis.AbortSignal = class AbortSignal extends EventTarget { aborted = false; };
  const [signal, target, seen] = [new AbortSignal(), new EventTarget(), []];
  const endless = new Proxy({}, { getPrototypeOf: () => endless });
  throws("TypeError", () => target.addEventListener("x", null, { signal: endless }), "a signal without an end");
  target.addEventListener("x", () => seen.push("heard"), { signal });
  target.dispatchEvent(new Event("x"));
  signal.aborted = true;
  signal.dispatchEvent(new Event("abort"));
  target.addEventListener("x", () => seen.push("never added"), { signal });
  target.dispatchEvent(new Event("x"));
  equal(seen, ["heard"], "a signal");

  // It holds nothing of what has gone, and removes no listener but its own.
  const [other, gone] = [new AbortSignal(), []];
  const registry = new FinalizationRegistry((name) => gone.push(name));
  const again = () => seen.push("again");
  const signalled = new AbortSignal();
  target.addEventListener("y", again, { signal: signalled });
  target.removeEventListener("y", again);
  target.addEventListener("y", again);
  signalled.dispatchEvent(new Event("abort"));
  target.dispatchEvent(new Event("y"));
  equal(seen, ["heard", "again"], "a listener that was added anew");
  (() => {
    const dropped = new EventTarget(), removed = () => {}, kept = () => {};
    registry.register(dropped, "target");
    registry.register(removed, "removed");
    registry.register(kept, "callback");
    target.addEventListener("x", removed, { signal: other });
    target.removeEventListener("x", removed);
    dropped.addEventListener("x", kept, { signal: other });
    // All that holds this one is its own listener.
    const cycle = new EventTarget();
    cycle.addEventListener("x", () => cycle, { signal: other });
    registry.register(cycle, "cycle");
  })();
  await new Promise((resolve) => setTimeout(resolve));
  equal(gone.sort(), ["callback", "removed", "target"], "collected");
  other.dispatchEvent(new Event("abort"));
  await new Promise((resolve) => setTimeout(resolve));
  equal(gone.sort(), ["callback", "cycle", "removed", "target"], "aborted");
  delete globalThis.AbortSignal;
}
{
  // Blobs.
  const blob = new Blob(["a\r\nb\rc", "\ud800"], { type: "Text/Plain", endings: "native" });
  equal([blob.size, blob.type, await blob.text()], [8, "text/plain", "a\nb\nc\ufffd"], "endings");
  const slice = blob.slice(-5, -3, "\u00e9");
  equal([await slice.text(), slice.type], ["\nc", ""], "slice");
  throws("TypeError", () => new Blob("text"), "no sequence of parts");
  throws("TypeError", () => new Blob([], { endings: "x" }), "an enumeration");
  same(await Blob.prototype.text.call({}).catch(({ name }) => name), "TypeError", "a rejected promise");
}
{
  // A connection that can't be had.
  const socket = new WebSocket("ws://127.0.0.1:1/");
  const seen = [];
  socket.onerror = (event) => seen.push(event.type, event.constructor.name, socket.readyState);
  socket.onclose = ({ type, code, wasClean }) => seen.push(type, code, wasClean);
  await next(socket, "close");
  equal(seen, ["error", "Event", 3, "close", 1006, false], "nobody listens");
}
{
  // A socket that is heard of lives on without script's help; another one does not.
  const gone = [];
  const registry = new FinalizationRegistry((name) => gone.push(name));
  await new Promise((resolve) => {
    let socket = new WebSocket(url);
    registry.register(socket, "heard");
    socket.onopen = ({ target }) => target.send("x");
    socket.onmessage = ({ target }) => target.close();
    socket.onclose = () => { resolve(); };
    registry.register(new WebSocket(url), "unheard");
    let cycle = new WebSocket(url);
    cycle.onopen = () => cycle;
    cycle.onopen = null;
    registry.register(cycle, "never heard again");
    socket = cycle = null;
  });
  await new Promise((resolve) => setTimeout(resolve));
  equal(gone.sort(), ["heard", "never heard again", "unheard"], "collected");
}
console.log("all checks passed");
