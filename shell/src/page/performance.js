// High Resolution Time (https://w3c.github.io/hr-time/): a clock that never goes back.
(function (page) {
  "use strict";
  page.now = () => Number(page.host("now"));
  const timeOrigin = Number(page.host("time origin"));

  class Performance extends EventTarget {
    #isOurs = true;

    constructor(key) {
      page.allow(key);
      super();
    }
    now() {
      this.#isOurs;
      return page.now();
    }
    get timeOrigin() {
      this.#isOurs;
      return timeOrigin;
    }
    toJSON() {
      return { timeOrigin: this.timeOrigin };
    }
  }

  page.expose(Performance);
  page.define("performance", new Performance(page.key), true);
})
