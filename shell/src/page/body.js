// Fetch section 5.3, "Body mixin" (https://fetch.spec.whatwg.org/#body-mixin). A body is in memory, or a promise of its bytes.
(function (page) {
  "use strict";
  const { defineProperty } = Reflect;
  const { Blob } = globalThis;

  // "Extract a body": where its bytes come from, and their type.
  page.extractBody = (value) => {
    if (value instanceof Blob) return { source: value.bytes(), type: value.type || null };
    if (page.isBufferSource(value)) return { source: page.bytesOf(value).slice(), type: null };
    if (value instanceof globalThis.URLSearchParams) {
      return { source: page.encode(`${value}`), type: "application/x-www-form-urlencoded;charset=UTF-8" };
    }
    if (typeof globalThis.ReadableStream === "function" && value instanceof globalThis.ReadableStream) {
      if (value.locked) throw new TypeError("the stream is locked");
      return { source: drain(value.getReader()), type: null };
    }
    return { source: page.encode(page.toUSVString(value)), type: "text/plain;charset=UTF-8" };
  };

  async function drain(reader) {
    const chunks = [];
    let length = 0;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      if (page.typedArrayName(value) !== "Uint8Array") throw new TypeError("a chunk is no Uint8Array");
      chunks.push(value);
      length += value.length;
    }
    const bytes = new Uint8Array(length);
    length = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, length);
      length += chunk.length;
    }
    return bytes;
  }

  // A body's state. Whether its bytes are asked for or not, a failure is nobody's unhandled rejection.
  page.createBody = (source = null) => {
    if (source instanceof Promise) source.then(undefined, () => {});
    return { source, isUsed: false, stream: undefined };
  };

  page.cloneBody = (body) => {
    if (page.isUnusable(body)) throw new TypeError("the body has been read already");
    return page.createBody(body.source);
  };

  page.isUnusable = (body) => body.isUsed || (body.stream?.locked ?? false);

  // The bytes, once.
  page.consume = async (body) => {
    if (page.isUnusable(body)) throw new TypeError("the body has been read already");
    body.isUsed = body.source !== null;
    return (await body.source) ?? new Uint8Array();
  };

  // Where the realm has streams, all comes as one chunk.
  function streamOf(body) {
    const { ReadableStream } = globalThis;
    if (body.source === null || typeof ReadableStream !== "function") return null;
    if (!body.stream) {
      const pull = async (controller) => {
        body.isUsed = true;
        const bytes = await body.source;
        if (bytes.length) controller.enqueue(bytes.slice());
        controller.close();
      };
      const cancel = () => {
        body.isUsed = true;
      };
      body.stream = new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
    }
    return body.stream;
  }

  // Gives an interface the mixin's members. `stateOf` yields an object's body, `typeOf` its type.
  page.mixBody = (Class, stateOf, typeOf) => {
    // What is wrong with an object is a rejection, too.
    const bytesOf = async (object) => page.consume(stateOf(object));
    const members = {
      get body() { return streamOf(stateOf(this)); },
      get bodyUsed() { return stateOf(this).isUsed; },
      async arrayBuffer() { return (await bytesOf(this)).slice().buffer; },
      async blob() { return new Blob([await bytesOf(this)], { type: typeOf(this) ?? "" }); },
      async bytes() { return (await bytesOf(this)).slice(); },
      async json() { return JSON.parse(page.decode(await bytesOf(this))); },
      async text() { return page.decode(await bytesOf(this)); },
    };
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
      defineProperty(Class.prototype, name, { ...member, enumerable: false });
    }
  };
})
