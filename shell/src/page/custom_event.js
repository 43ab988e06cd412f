// DOM section 2.4, "Interface CustomEvent" (https://dom.spec.whatwg.org/#interface-customevent).
(function (page) {
  "use strict";

  class CustomEvent extends Event {
    #detail;

    constructor(type, eventInitDict = {}) {
      super(...(arguments.length ? [type, eventInitDict] : []));
      const { detail = null } = page.toDictionary(eventInitDict);
      this.#detail = detail;
    }
    get detail() {
      return this.#detail;
    }
    initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
      this.#detail;
      page.requires(arguments, 1, "initCustomEvent");
      // Of an event that is being dispatched, nothing changes.
      const isDispatched = this.eventPhase !== Event.NONE;
      this.initEvent(type, bubbles, cancelable);
      if (!isDispatched) this.#detail = detail;
    }
  }

  page.expose(CustomEvent);
})
