// The URL Standard's API (https://url.spec.whatwg.org/#api). The parser is Rust's.
(function (page) {
  "use strict";
  const { host, toUSVString } = page;
  const { defineProperty } = Reflect;

  // Between a URL and its searchParams.
  let link;

  class URLSearchParams {
    #list = [];
    #changed = () => {};

    static {
      link = {
        make(search, changed) {
          const parameters = new URLSearchParams(search);
          parameters.#changed = changed;
          return parameters;
        },
        replace(parameters, search) {
          parameters.#list = parse(search);
        },
      };
      page.makeIterable(URLSearchParams, (parameters) => parameters.#list);
    }

    constructor(init = "") {
      this.#list = page.isObject(init) ? page.toPairs(init, toUSVString) : parse(toUSVString(init));
    }
    get size() {
      return this.#list.length;
    }
    append(name, value) {
      this.#list;
      page.requires(arguments, 2, "append");
      this.#list.push([toUSVString(name), toUSVString(value)]);
      this.#update();
    }
    delete(name, value = undefined) {
      this.#list;
      page.requires(arguments, 1, "delete");
      const is = matcher(name, value);
      this.#list = this.#list.filter((pair) => !is(pair));
      this.#update();
    }
    get(name) {
      this.#list;
      page.requires(arguments, 1, "get");
      return this.#list.find(matcher(name))?.[1] ?? null;
    }
    getAll(name) {
      this.#list;
      page.requires(arguments, 1, "getAll");
      return this.#list.filter(matcher(name)).map(([, value]) => value);
    }
    has(name, value = undefined) {
      this.#list;
      page.requires(arguments, 1, "has");
      return this.#list.some(matcher(name, value));
    }
    set(name, value) {
      this.#list;
      page.requires(arguments, 2, "set");
      name = toUSVString(name);
      value = toUSVString(value);
      const is = matcher(name);
      const first = this.#list.findIndex(is);
      if (first < 0) {
        this.#list.push([name, value]);
      } else {
        this.#list = this.#list.filter((pair, i) => i <= first || !is(pair));
        this.#list[first] = [name, value];
      }
      this.#update();
    }
    sort() {
      // By code units, and stable.
      this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#update();
    }
    toString() {
      return host("serialize query", JSON.stringify(this.#list));
    }

    #update() {
      this.#changed(this.toString());
    }
  }

  // "application/x-www-form-urlencoded parser", without the leading question mark.
  function parse(search) {
    return JSON.parse(host("parse query", search.replace(/^\?/, "")));
  }

  function matcher(name, value = undefined) {
    name = toUSVString(name);
    if (value === undefined) return ([other]) => other === name;
    value = toUSVString(value);
    return ([other, its]) => other === name && its === value;
  }

  // "API URL parser", as a record. Undefined for what is no URL.
  function parseURL(url, base) {
    const parameters = [toUSVString(url)];
    if (base !== undefined) parameters.push(toUSVString(base));
    const record = host("parse URL", ...parameters);
    return record === undefined ? undefined : JSON.parse(record);
  }

  class URL {
    #record;
    #query;

    constructor(url, base = undefined) {
      page.requires(arguments, 1, "URL");
      this.#record = parseURL(url, base);
      if (!this.#record) throw new TypeError(`Invalid URL: ${toUSVString(url)}`);
    }
    static parse(url, base = undefined) {
      page.requires(arguments, 1, "URL.parse");
      const record = parseURL(url, base);
      return record ? new URL(record.href) : null;
    }
    static canParse(url, base = undefined) {
      page.requires(arguments, 1, "URL.canParse");
      return parseURL(url, base) !== undefined;
    }

    get href() {
      return this.#record.href;
    }
    set href(href) {
      this.#record;
      const record = parseURL(href);
      if (!record) throw new TypeError(`Invalid URL: ${toUSVString(href)}`);
      this.#take(record);
    }
    get origin() {
      return this.#record.origin;
    }
    get searchParams() {
      this.#record;
      return (this.#query ??= link.make(this.search, (search) => {
        this.#record = JSON.parse(host("change URL", this.href, "search", search));
      }));
    }
    toString() {
      return this.#record.href;
    }
    toJSON() {
      return this.#record.href;
    }

    #take(record) {
      this.#record = record;
      if (this.#query) link.replace(this.#query, record.search);
    }

    static {
      for (const name of ["protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"]) {
        const property = {
          get [name]() {
            return this.#record[name];
          },
          set [name](value) {
            this.#take(JSON.parse(host("change URL", this.href, name, toUSVString(value))));
          },
        };
        const { get, set } = Object.getOwnPropertyDescriptor(property, name);
        defineProperty(URL.prototype, name, { get, set, configurable: true });
      }
    }
  }

  page.expose(URLSearchParams);
  page.expose(URL);
})
