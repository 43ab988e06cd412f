// What becomes of what is typed at a prompt. `native` is a function of Rust's, as the page's script has it; what is returned is for
// Rust to call.
(function (native) {
  "use strict";
  const later = queueMicrotask;
  // As the realm reports what a microtask throws.
  const report = (error) => later(() => { throw error; });
  const { dir } = console;

  // The last answer, until script has another use for the name.
  let last;
  Object.defineProperty(globalThis, "_", {
    get: () => last,
    set: (value) => Object.defineProperty(globalThis, "_", { value, writable: true, enumerable: true }),
    configurable: true,
  });

  function answers(value) {
    last = value;
    dir(value);
  }

  // Whose answer is still awaited: one that is given up has none.
  let awaited;

  return {
    answers,
    async promisesAnswer(promise) {
      awaited = promise;
      try {
        const value = await promise;
        if (awaited === promise) answers(value);
      } catch (error) {
        report(error);
      }
      if (awaited === promise) native("answered");
    },
    giveUp() {
      awaited = undefined;
    },
  };
})
