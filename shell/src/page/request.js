// Fetch section 5.4, "Request class" (https://fetch.spec.whatwg.org/#request-class), without what only a browser has a use for:
// modes, credentials, caches, referrers, integrity.
(function (page) {
  "use strict";
  const { host, toDictionary } = page;
  const { AbortController, AbortSignal, URL } = globalThis;
  const address = host("address");

  let requests;

  class Request {
    #method = "GET";
    #url;
    #headers;
    #redirect = "follow";
    #signal;
    #body = page.createBody();

    static {
      requests = { bodyOf: (request) => request.#body };
    }

    // The numbers are those of the steps in the text.
    constructor(input, init = {}) {
      page.requires(arguments, 1, "Request");
      const options = toDictionary(init);
      const isRequest = page.isObject(input) && #url in input;
      const from = isRequest ? input : undefined;
      // 5
      this.#url = isRequest ? input.#url : new URL(input, address);
      if (this.#url.username || this.#url.password) throw new TypeError("a request's URL has no credentials");
      // 25 and 26
      const { body = null, headers, method, redirect, signal } = options;
      this.#method = method === undefined ? from?.method ?? "GET" : normalize(page.toByteString(method));
      // 22
      this.#redirect = redirect === undefined ? from?.redirect ?? "follow" : `${redirect}`;
      if (!["follow", "error", "manual"].includes(this.#redirect)) {
        throw new TypeError(`${this.#redirect} is no redirect mode`);
      }
      // 28
      const signals = [signal === undefined ? from?.signal : signal].filter((signal) => signal != null);
      if (!signals.every((signal) => signal instanceof AbortSignal)) throw new TypeError("the signal is no AbortSignal");
      this.#signal = signals.length ? AbortSignal.any(signals) : new AbortController().signal;
      // 32
      this.#headers = page.headers.request(headers === undefined ? from?.headers : headers);
      // 34 to 41
      const bodyOfInput = isRequest && body === null ? input.#body : undefined;
      const hasBody = body !== null || (bodyOfInput && bodyOfInput.source !== null);
      if (isRequest && page.isUnusable(input.#body) && body === null) {
        throw new TypeError("the body has been read already");
      }
      if (hasBody && /^(GET|HEAD)$/.test(this.#method)) throw new TypeError(`${this.#method} has no body`);
      if (body !== null) {
        const { source, type } = page.extractBody(body);
        this.#body = page.createBody(source);
        if (type !== null && !this.#headers.has("content-type")) this.#headers.append("content-type", type);
      } else if (hasBody) {
        this.#body = page.cloneBody(bodyOfInput);
        bodyOfInput.isUsed = true;
      }
    }
    get method() {
      return this.#method;
    }
    get url() {
      return this.#url.href;
    }
    get headers() {
      return this.#headers;
    }
    get redirect() {
      return this.#redirect;
    }
    get signal() {
      return this.#signal;
    }
    clone() {
      const body = page.cloneBody(this.#body);
      const copy = new Request(this.#url, {
        method: this.#method,
        headers: this.#headers,
        redirect: this.#redirect,
        signal: this.#signal,
      });
      copy.#body = body;
      return copy;
    }
  }

  // "Normalize" a method, which has to be a token, and none that is forbidden.
  function normalize(method) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) throw new TypeError(`${JSON.stringify(method)} is no method`);
    if (/^(CONNECT|TRACE|TRACK)$/i.test(method)) throw new TypeError(`${method} is a forbidden method`);
    return /^(DELETE|GET|HEAD|OPTIONS|POST|PUT)$/i.test(method) ? method.toUpperCase() : method;
  }

  page.bodyOfRequest = requests.bodyOf;
  page.mixBody(Request, requests.bodyOf, (request) => request.headers.get("content-type"));
  page.expose(Request);
})
