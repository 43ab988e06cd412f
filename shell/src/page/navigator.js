// HTML "system state and capabilities" (https://html.spec.whatwg.org/multipage/system-state.html): as much as has a meaning here.
(function (page) {
  "use strict";
  const { userAgent, hardwareConcurrency } = JSON.parse(page.host("navigator"));
  const languages = Object.freeze(["en-US"]);

  class Navigator {
    #isOurs = true;

    constructor(key) {
      page.allow(key);
    }
    get userAgent() {
      this.#isOurs;
      return userAgent;
    }
    get hardwareConcurrency() {
      this.#isOurs;
      return hardwareConcurrency;
    }
    get language() {
      this.#isOurs;
      return languages[0];
    }
    get languages() {
      this.#isOurs;
      return languages;
    }
    // Nothing here knows better.
    get onLine() {
      this.#isOurs;
      return true;
    }
  }

  page.expose(Navigator);
  page.define("navigator", new Navigator(page.key), true);
})
