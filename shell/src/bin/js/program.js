// What the program has of script beside the realm. `native` is a function of Rust's, as realm.js has it; what is
// returned is for Rust to call.
(function (native) {
  "use strict";
  const later = queueMicrotask;
  const { dir } = console;
  // As the realm reports what a microtask throws.
  const report = (error) => later(() => { throw error; });

  Object.defineProperty(globalThis, "scriptArgs", {
    value: JSON.parse(native("script arguments")),
    writable: true,
    enumerable: false,
    configurable: true,
  });

  // The last answer, until script has another use for the name.
  let last;
  function answers(value) {
    last = value;
    if (!Object.hasOwn(globalThis, "_")) {
      const set = (value) =>
        Object.defineProperty(globalThis, "_", { value, writable: true, enumerable: true });
      Object.defineProperty(globalThis, "_", { get: () => last, set, configurable: true });
    }
    dir(value);
  }

  return {
    answers,
    async promisesAnswer(promise) {
      try {
        answers(await promise);
      } catch (error) {
        report(error);
      }
      native("answered");
    },
    async moduleEnds(promise) {
      try {
        await promise;
        native("module ended", "well");
      } catch (error) {
        report(error);
        native("module ended", "badly");
      }
    },
  };
})
