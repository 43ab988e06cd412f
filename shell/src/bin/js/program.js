// What the program has of script beside the realm. `native` is a function of Rust's, as the page's script has it; what is
// returned is for Rust to call.
(function (native) {
  "use strict";
  const later = queueMicrotask;
  // As the realm reports what a microtask throws.
  const report = (error) => later(() => { throw error; });

  Object.defineProperty(globalThis, "scriptArgs", {
    value: JSON.parse(native("script arguments")),
    writable: true,
    enumerable: false,
    configurable: true,
  });

  return {
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
