// Fetch section 5.1, "Headers class" (https://fetch.spec.whatwg.org/#headers-class).
(function (page) {
  "use strict";
  const { toByteString } = page;

  let guarded;

  class Headers {
    // Of [name, value], with names as they were given.
    #list = [];
    // "none", "immutable" or "request".
    #guard = "none";

    static {
      guarded = {
        listOf: (headers) => headers.#list,
        // What a server has sent is not to be changed.
        immutable(list) {
          const headers = new Headers();
          headers.#list = list;
          headers.#guard = "immutable";
          return headers;
        },
        // Where what a client has to say itself is passed over.
        request(init) {
          const headers = new Headers();
          headers.#guard = "request";
          headers.#fill(init);
          return headers;
        },
      };
    }

    constructor(init = undefined) {
      this.#fill(init);
    }
    #fill(init) {
      if (init === undefined) return;
      if (!page.isObject(init)) throw new TypeError("Headers: neither a sequence nor a record was given");
      for (const [name, value] of page.toPairs(init, toByteString)) this.append(name, value);
    }
    append(name, value) {
      this.#list;
      page.requires(arguments, 2, "append");
      const header = [toByteString(name), normalize(toByteString(value))];
      if (this.#accepts(...header)) this.#list.push(header);
    }
    delete(name) {
      this.#list;
      page.requires(arguments, 1, "delete");
      name = toByteString(name);
      if (this.#accepts(name, "")) this.#list = this.#list.filter(isNot(name));
    }
    get(name) {
      this.#list;
      page.requires(arguments, 1, "get");
      const values = valuesOf(this.#list, checkName(toByteString(name)));
      return values.length ? values.join(", ") : null;
    }
    getSetCookie() {
      return valuesOf(this.#list, "set-cookie");
    }
    has(name) {
      this.#list;
      page.requires(arguments, 1, "has");
      return valuesOf(this.#list, checkName(toByteString(name))).length > 0;
    }
    set(name, value) {
      this.#list;
      page.requires(arguments, 2, "set");
      const header = [toByteString(name), normalize(toByteString(value))];
      if (!this.#accepts(...header)) return;
      const first = this.#list.findIndex(is(name));
      if (first < 0) {
        this.#list.push(header);
      } else {
        const isOther = isNot(name);
        this.#list = this.#list.filter((other, i) => i <= first || isOther(other));
        this.#list[first] = [this.#list[first][0], header[1]];
      }
    }

    // "Validate".
    #accepts(name, value) {
      checkName(name);
      if (/[\0\r\n]/.test(value)) throw new TypeError("this can't be the value of a header");
      if (this.#guard === "immutable") throw new TypeError("the headers are immutable");
      return this.#guard !== "request" || !isForbidden(name, value);
    }
  }

  function checkName(name) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} is no name of a header`);
    }
    return name;
  }

  const lower = (name) => String(name).toLowerCase();
  const is = (name) => ([other]) => lower(other) === lower(name);
  const isNot = (name) => ([other]) => lower(other) !== lower(name);
  const normalize = (value) => value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  const valuesOf = (list, name) => list.filter(is(name)).map(([, value]) => value);

  // "Forbidden request-header".
  const forbidden = new Set(["accept-charset", "accept-encoding", "access-control-request-headers",
    "access-control-request-method", "connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host",
    "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via"]);
  const isForbidden = (name, value) => {
    name = lower(name);
    if (forbidden.has(name) || /^(proxy|sec)-/.test(name)) return true;
    if (!/^x-(http-method|http-method-override|method-override)$/.test(name)) return false;
    return value.split(",").some((method) => /^[\t ]*(CONNECT|TRACE|TRACK)[\t ]*$/i.test(method));
  };

  // "Sort and combine".
  function combined(list) {
    const names = [...new Set(list.map(([name]) => lower(name)))].sort();
    return names.flatMap((name) => {
      const values = valuesOf(list, name);
      return name === "set-cookie" ? values.map((value) => [name, value]) : [[name, values.join(", ")]];
    });
  }

  page.headers = guarded;
  page.makeIterable(Headers, (headers) => combined(guarded.listOf(headers)));
  page.expose(Headers);
})
