// HTML "report an exception" and "notify about rejected promises", and the listeners of the global object.
(function (page) {
  "use strict";
  const { define, describe, headline, print } = page;
  const { apply } = Reflect;

  // The global object can't be made an EventTarget: it has one.
  const target = new EventTarget();
  for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) {
    const method = target[name];
    const { [name]: value } = { [name](...parameters) { return apply(method, target, parameters); } };
    Object.defineProperty(value, "length", { value: method.length, configurable: true });
    define(name, value, true);
  }

  // The handlers of events that are fired here.
  define("onerror", null, true);
  define("onunhandledrejection", null, true);

  let isReporting = false;

  // Whether nobody has handled it.
  function fireAtGlobal(type, members, Interface, legacyArguments) {
    if (isReporting) return true; // An exception in a listener of this event is only printed.
    isReporting = true;
    try {
      const event = new Interface(type, { cancelable: true, ...members });
      let isHandled = !apply(target.dispatchEvent, target, [event]);
      const handler = globalThis["on" + type];
      if (typeof handler === "function") {
        const result = apply(handler, globalThis, legacyArguments ?? [event]);
        isHandled ||= type === "error" ? result === true : result === false;
      }
      return !isHandled && !event.defaultPrevented;
    } catch (error) {
      print("uncaught", "Uncaught " + describe(error));
      return true;
    } finally {
      isReporting = false;
    }
  }

  class PromiseRejectionEvent extends Event {
    #promise;
    #reason;

    constructor(type, eventInitDict) {
      page.requires(arguments, 2, "PromiseRejectionEvent");
      super(type, eventInitDict);
      const { promise, reason } = page.toDictionary(eventInitDict);
      if (!page.isObject(promise)) throw new TypeError("PromiseRejectionEvent: no promise was given");
      this.#promise = promise;
      this.#reason = reason;
    }
    get promise() {
      return this.#promise;
    }
    get reason() {
      return this.#reason;
    }
  }
  page.expose(PromiseRejectionEvent);

  const { ErrorEvent } = globalThis;

  page.report = (error) => {
    const message = "Uncaught " + headline(error);
    const [filename, lineno, colno] = page.placeOf(error);
    const members = { message, filename, lineno, colno, error };
    const parameters = [message, filename, lineno, colno, error];
    if (fireAtGlobal("error", members, ErrorEvent, parameters)) print("uncaught", "Uncaught " + describe(error));
  };
  page.calls.report = page.report;

  page.calls.rejected = (reason, promise) => {
    if (fireAtGlobal("unhandledrejection", { promise, reason }, PromiseRejectionEvent)) {
      print("uncaught", "Uncaught (in promise) " + describe(reason));
    }
  };

  // Calls what script gave, as the global object's.
  page.call = (callback, ...parameters) => {
    try {
      apply(callback, globalThis, parameters);
    } catch (error) {
      page.report(error);
    }
  };

  define("reportError", function reportError(error) {
    page.requires(arguments, 1, "reportError");
    page.report(error);
  }, true);
})
