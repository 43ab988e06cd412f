// HTML "timers" and "microtask queuing" (https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html).
(function (page) {
  "use strict";
  const { define, host, toLong } = page;
  const { apply } = Reflect;
  const { then } = Promise.prototype;
  const resolved = Promise.resolve();
  const evaluate = globalThis.eval;

  const timers = new Map();
  let lastTimer = 0;
  let nesting = 0;

  // "Timer initialization steps".
  function addTimer(repeats, handler, delay, parameters) {
    if (typeof handler !== "function") handler = `${handler}`;
    delay = Math.max(0, toLong(delay));
    const id = ++lastTimer;
    const timer = { handler, parameters, delay, repeats, level: nesting };
    timers.set(id, timer);
    start(id, timer);
    return id;
  }

  // Timers nested deeper than five take 4 ms at least.
  function start(id, timer) {
    const delay = timer.level > 5 ? Math.max(4, timer.delay) : timer.delay;
    timer.level += 1;
    host("start timer", String(id), String(delay));
  }

  // Not nested in anything.
  page.queueTask = (task) => {
    const id = ++lastTimer;
    const timer = { handler: task, parameters: [], delay: 0, repeats: false, level: 0 };
    timers.set(id, timer);
    start(id, timer);
  };

  function clear(id) {
    id = toLong(id);
    if (timers.delete(id)) host("cancel timer", String(id));
  }

  page.calls.fire = (id) => {
    id = Number(id);
    const timer = timers.get(id);
    if (!timer) return;
    nesting = timer.level;
    if (typeof timer.handler === "function") page.call(timer.handler, ...timer.parameters);
    else page.call(() => evaluate(timer.handler));
    nesting = 0;
    // It may have been cleared.
    if (!timer.repeats) timers.delete(id);
    else if (timers.has(id)) start(id, timer);
  };

  define("setTimeout", function setTimeout(handler, timeout = 0, ...parameters) {
    page.requires(arguments, 1, "setTimeout");
    return addTimer(false, handler, timeout, parameters);
  }, true);
  define("setInterval", function setInterval(handler, timeout = 0, ...parameters) {
    page.requires(arguments, 1, "setInterval");
    return addTimer(true, handler, timeout, parameters);
  }, true);
  define("clearTimeout", function clearTimeout(id = 0) { clear(id); }, true);
  define("clearInterval", function clearInterval(id = 0) { clear(id); }, true);

  define("queueMicrotask", function queueMicrotask(callback) {
    page.requires(arguments, 1, "queueMicrotask");
    if (typeof callback !== "function") {
      throw new TypeError("queueMicrotask: the callback is not a function");
    }
    apply(then, resolved, [() => page.call(callback)]);
  }, true);
})
