// Fetch section 5.5, "Response class" (https://fetch.spec.whatwg.org/#response-class).
(function (page) {
  "use strict";
  const { toDictionary } = page;
  const { Headers, URL } = globalThis;

  let responses;

  class Response {
    #type = "default";
    #url = "";
    #isRedirected = false;
    #status = 200;
    #statusText = "";
    #headers;
    #body = page.createBody();

    static {
      responses = {
        bodyOf: (response) => response.#body,
        // One of the network's, or what a script may see of it.
        create({ type, url = "", redirected = false, status, statusText = "", headers = [], source = null }) {
          const response = new Response();
          response.#type = type;
          response.#url = url;
          response.#isRedirected = redirected;
          response.#status = status;
          response.#statusText = statusText;
          response.#headers = page.headers.immutable(headers);
          response.#body = page.createBody(source);
          return response;
        },
      };
    }

    static error() {
      return responses.create({ type: "error", status: 0 });
    }
    static redirect(url, status = 302) {
      page.requires(arguments, 1, "redirect");
      const { href } = new URL(url, page.host("address"));
      status = toShort(status);
      if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${status} is no status of a redirect`);
      return responses.create({ type: "default", status, headers: [["location", href]] });
    }
    static json(data, init = {}) {
      page.requires(arguments, 1, "json");
      const text = JSON.stringify(data);
      if (text === undefined) throw new TypeError("this has no JSON");
      const response = new Response(text, init);
      if (!new Headers(toDictionary(init).headers).has("content-type")) {
        response.#headers.set("content-type", "application/json");
      }
      return response;
    }

    constructor(body = null, init = {}) {
      const { status = 200, statusText = "", headers } = toDictionary(init);
      // "Initialize a response".
      this.#status = toShort(status);
      if (this.#status < 200 || this.#status > 599) throw new RangeError(`${this.#status} is no status`);
      this.#statusText = page.toByteString(statusText);
      if (/[^\t\x20-\x7e\x80-\xff]/.test(this.#statusText)) throw new TypeError("this can't be the text of a status");
      this.#headers = new Headers(headers);
      if (body === null) return;
      if ([204, 205, 304].includes(this.#status)) throw new TypeError(`a response of status ${this.#status} has no body`);
      const { source, type } = page.extractBody(body);
      this.#body = page.createBody(source);
      if (type !== null && !this.#headers.has("content-type")) this.#headers.append("content-type", type);
    }
    get type() {
      return this.#type;
    }
    get url() {
      return this.#url;
    }
    get redirected() {
      return this.#isRedirected;
    }
    get status() {
      return this.#status;
    }
    get ok() {
      return this.#status >= 200 && this.#status <= 299;
    }
    get statusText() {
      return this.#statusText;
    }
    get headers() {
      return this.#headers;
    }
    clone() {
      const body = page.cloneBody(this.#body);
      const copy = new Response();
      copy.#type = this.#type;
      copy.#url = this.#url;
      copy.#isRedirected = this.#isRedirected;
      copy.#status = this.#status;
      copy.#statusText = this.#statusText;
      copy.#headers = this.#type === "default" ? new Headers(this.#headers) : this.#headers;
      copy.#body = body;
      return copy;
    }
  }

  const toShort = (value) => page.toLong(value) & 0xffff;

  page.createResponse = responses.create;
  page.mixBody(Response, responses.bodyOf, (response) => response.headers.get("content-type"));
  page.expose(Response);
})
