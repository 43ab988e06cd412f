// What a test of web-platform-tests finds in a shell that is no browser. `native` is a function of
// Rust's, as the page's script has it; what is returned is for Rust to call.
(function (native) {
  "use strict";
  const { location } = globalThis;
  // Old harnesses take a global without a location for a shell, and no other.
  delete globalThis.location;

  const isWindow = native("kind") === "window";
  Object.assign(globalThis, {
    META_TITLE: native("title"),
    GLOBAL: { isWindow: () => isWindow, isWorker: () => !isWindow, isShadowRealm: () => false },
  });

  // What tests of sockets take for granted beside them.
  if (isWindow) {
    Object.assign(globalThis, {
      window: globalThis,
      // The harness for IDL asks for it, to learn which interfaces have to be there.
      Window: class Window {},
      // What a worker imports is there by then.
      importScripts() {},
      // A file of the checkout, or what WPT's server answers where that takes more than a file.
      async fetch(url) {
        let text = native("file", String(url));
        if (text === undefined) {
          const [head, body] = (native("get", new URL(url, location.href).href) ?? "").split("\r\n\r\n");
          if (/^HTTP\/1.. 200 /.test(head)) text = body;
        }
        return { ok: text !== undefined, status: text === undefined ? 404 : 200, text: async () => text };
      },
    });

    // Just enough to keep a script waiting for an answer.
    globalThis.XMLHttpRequest = class XMLHttpRequest {
      #url;
      open(method, url, isAsync) {
        if (method !== "GET" || isAsync !== false) throw new Error("a synchronous GET is all there is");
        this.#url = new URL(url, location.href).href;
      }
      send() {
        this.responseText = native("get", this.#url);
        if (this.responseText === undefined) throw new Error(`${this.#url} can't be had`);
      }
    };
  }

  return {
    // The harness is there, the test's scripts follow.
    begin() {
      Object.defineProperty(globalThis, "location", { value: location, configurable: true });
      add_completion_callback((tests, { status, message }) => {
        const subtests = tests.map(({ name, status, message }) => [name, status, message]);
        native("result", JSON.stringify([status, message, subtests]));
      });
    },
    timeOut() {
      timeout();
    },
  };
})
