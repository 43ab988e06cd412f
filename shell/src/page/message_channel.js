// HTML "channel messaging" (https://html.spec.whatwg.org/multipage/web-messaging.html#channel-messaging), within the realm.
(function (page) {
  "use strict";
  const { MessageEvent } = globalThis;

  let states;

  class MessagePort extends EventTarget {
    #state = {
      other: undefined,
      queue: [],
      isEnabled: false,
      isClosed: false,
      isDetached: false,
      listeners: {},
      onmessage: null,
      onmessageerror: null,
    };

    static {
      states = { of: (port) => port.#state, isPort: (value) => page.isObject(value) && #state in value };
    }

    constructor(key) {
      page.allow(key);
      super();
    }
    postMessage(message, options = []) {
      const state = this.#state;
      page.requires(arguments, 1, "postMessage");
      const list = page.isObject(options) && options[Symbol.iterator] ? options : page.toDictionary(options).transfer ?? [];
      const transfer = Array.from(page.iterate(list, list[Symbol.iterator]));
      if (transfer.includes(this)) throw page.exception("DataCloneError", "a port can't go through itself");
      const { copy, transferred } = page.cloneWithTransfer(message, transfer);
      const { other } = state;
      if (!other || transfer.includes(other)) return;
      const { queue } = states.of(other);
      queue.push({ data: copy, ports: transferred.filter(states.isPort) });
      deliver(other);
    }
    start() {
      if (this.#state.isEnabled) return;
      this.#state.isEnabled = true;
      for (const _ of this.#state.queue) deliver(this);
    }
    close() {
      const { other } = this.#state;
      this.#state.isClosed = this.#state.isDetached = true;
      if (other) states.of(other).other = undefined;
      this.#state.other = undefined;
    }
    get onmessage() {
      return this.#state.onmessage;
    }
    set onmessage(handler) {
      setHandler(this, "message", handler);
      this.start();
    }
    get onmessageerror() {
      return this.#state.onmessageerror;
    }
    set onmessageerror(handler) {
      setHandler(this, "messageerror", handler);
    }
  }

  // A task for the first in the queue, if it is enabled by then.
  function deliver(port) {
    if (!states.of(port).isEnabled) return;
    page.queueTask(() => {
      const { queue, isClosed } = states.of(port);
      const message = queue.shift();
      if (message && !isClosed) port.dispatchEvent(new MessageEvent("message", message));
    });
  }

  // An event handler keeps the place that it had first.
  function setHandler(port, type, handler) {
    const state = states.of(port);
    const name = `on${type}`;
    if (!state.listeners[type]) {
      state.listeners[type] = (event) => state[name]?.call(port, event);
      port.addEventListener(type, state.listeners[type]);
    }
    state[name] = typeof handler === "function" ? handler : null;
  }

  page.isPort = states.isPort;
  page.isPortDetached = (port) => states.of(port).isDetached;
  page.createPort = () => new MessagePort(page.key);

  // "Transfer steps" and "transfer-receiving steps".
  page.transferPort = (port, receiver) => {
    const from = states.of(port);
    const to = states.of(receiver);
    to.queue = from.queue;
    to.other = from.other;
    if (to.other) states.of(to.other).other = receiver;
    from.queue = [];
    from.other = undefined;
    from.isClosed = true;
    from.isDetached = true;
  };

  class MessageChannel {
    #ports = [page.createPort(), page.createPort()];

    constructor() {
      const [one, other] = this.#ports;
      states.of(one).other = other;
      states.of(other).other = one;
    }
    get port1() {
      return this.#ports[0];
    }
    get port2() {
      return this.#ports[1];
    }
  }

  page.expose(MessagePort);
  page.expose(MessageChannel);
})
