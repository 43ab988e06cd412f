// Streams, as far as the cases need them: one queue each, and the algorithms of the source and the sink are called when
// the Streams Standard does so.
(() => {
  "use strict";
  const deferred = () => {
    let resolve, reject;
    const promise = new Promise((...functions) => { [resolve, reject] = functions; });
    promise.catch(() => {});
    return { promise, resolve, reject };
  };
  const attempt = async (object, method, ...parameters) => object[method]?.(...parameters);

  class ReadableStream {
    #source; #state = "readable"; #error; #isStarted = false; #isPulling = false; #pullsAgain = false;
    #closes = false; #chunks = []; #reads = []; #closed = deferred();

    constructor(source) {
      this.#source = source;
      const stream = this;
      const controller = {
        get desiredSize() { return 1 - stream.#chunks.length; },
        enqueue(chunk) {
          if (stream.#state !== "readable" || stream.#closes) throw new TypeError("it is closed");
          const read = stream.#reads.shift();
          if (read) read.resolve({ value: chunk, done: false }); else stream.#chunks.push(chunk);
          stream.#pull();
        },
        close() {
          if (stream.#state !== "readable" || stream.#closes) throw new TypeError("it is closed");
          stream.#closes = true;
          if (stream.#chunks.length === 0) stream.#finish();
        },
        error(error) {
          if (stream.#state !== "readable") return;
          stream.#state = "errored";
          stream.#error = error;
          stream.#chunks = [];
          for (const read of stream.#reads.splice(0)) read.reject(error);
          stream.#closed.reject(error);
        },
      };
      source.start(controller);
      Promise.resolve().then(() => { this.#isStarted = true; this.#pull(); });
    }

    #finish() {
      this.#state = "closed";
      for (const read of this.#reads.splice(0)) read.resolve({ value: undefined, done: true });
      this.#closed.resolve();
    }

    #pull() {
      if (!this.#isStarted || this.#state !== "readable" || this.#closes) return;
      if (this.#chunks.length > 0 && this.#reads.length === 0) return;
      if (this.#isPulling) { this.#pullsAgain = true; return; }
      this.#isPulling = true;
      attempt(this.#source, "pull").then(() => {
        this.#isPulling = false;
        if (this.#pullsAgain) { this.#pullsAgain = false; this.#pull(); }
      });
    }

    async cancel(reason) {
      if (this.#state === "errored") throw this.#error;
      if (this.#state === "closed") return;
      this.#chunks = [];
      this.#finish();
      await attempt(this.#source, "cancel", reason);
    }

    getReader() {
      const stream = this;
      return {
        closed: stream.#closed.promise,
        cancel: (reason) => stream.cancel(reason),
        read() {
          const read = deferred();
          if (stream.#chunks.length > 0) {
            const value = stream.#chunks.shift();
            if (stream.#closes && stream.#chunks.length === 0) stream.#finish(); else stream.#pull();
            read.resolve({ value, done: false });
          } else if (stream.#state === "errored") {
            read.reject(stream.#error);
          } else if (stream.#state === "closed") {
            read.resolve({ value: undefined, done: true });
          } else {
            stream.#reads.push(read);
            stream.#pull();
          }
          return read.promise;
        },
      };
    }
  }

  class WritableStream {
    #sink; #state = "writable"; #error; #work = Promise.resolve(); #closed = deferred();

    constructor(sink) {
      this.#sink = sink;
      sink.start({ error: (error) => this.#fail(error) });
    }

    #fail(error) {
      if (this.#state !== "writable") return;
      this.#state = "errored";
      this.#error = error;
      this.#closed.reject(error);
    }

    // One at a time.
    #enqueue(method, ...parameters) {
      const done = this.#work.then(async () => {
        if (this.#state !== "writable") throw this.#error;
        await attempt(this.#sink, method, ...parameters);
      });
      done.catch((error) => this.#fail(error));
      this.#work = done.catch(() => {});
      return done;
    }

    async abort(reason) {
      if (this.#state !== "writable") return;
      this.#fail(reason);
      await this.#work;
      await attempt(this.#sink, "abort", reason);
    }

    getWriter() {
      return {
        closed: this.#closed.promise,
        abort: (reason) => this.abort(reason),
        write: (chunk) => this.#enqueue("write", chunk),
        close: () => this.#enqueue("close").then(() => {
          this.#state = "closed";
          this.#closed.resolve();
        }),
      };
    }
  }

  for (const [name, value] of Object.entries({ ReadableStream, WritableStream })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
})();
undefined;
