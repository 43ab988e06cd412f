// What a realm has beside the library's objects, the same in every engine: console, timers,
// queueMicrotask, URL, location, self, quit. `native` is a function of Rust's: a name and strings go in,
// a string or undefined comes out. What is returned is for Rust to call.
(function (native) {
  "use strict";
  // Rust's strings have no lone surrogates.
  const host = (...strings) => native(...strings.map((string) => string.toWellFormed()));
  const { apply, defineProperty, getPrototypeOf, ownKeys } = Reflect;
  const then = Promise.prototype.then;
  const resolved = Promise.resolve();

  const define = (name, value, enumerable = false) =>
    defineProperty(globalThis, name, { value, enumerable, writable: true, configurable: true });

  // --- Exceptions: HTML "report an exception" ---

  let isReporting = false;

  function fireAtGlobal(type, members, Interface, legacyArguments) {
    if (isReporting) return true; // An exception in a listener of this event is only printed.
    isReporting = true;
    try {
      let handled = false;
      const handler = globalThis["on" + type];
      if (Interface) {
        const event = new Interface(type, { cancelable: true, ...members });
        for (const name in members) {
          if (!(name in event)) event[name] = members[name];
        }
        handled = !global.dispatchEvent(event);
        legacyArguments ??= [event];
      }
      if (typeof handler === "function") {
        const result = apply(handler, globalThis, legacyArguments ?? [members]);
        handled ||= type === "error" ? result === true : result === false;
      }
      return !handled;
    } catch (error) {
      print("uncaught", "Uncaught " + describe(error));
      return true;
    } finally {
      isReporting = false;
    }
  }

  function report(error) {
    const message = "Uncaught " + headline(error);
    const members = { message, filename: "", lineno: 0, colno: 0, error };
    const parameters = [message, "", 0, 0, error];
    if (fireAtGlobal("error", members, globalThis.ErrorEvent, parameters)) {
      print("uncaught", "Uncaught " + describe(error));
    }
  }

  function rejected(reason) {
    if (fireAtGlobal("unhandledrejection", { reason }, globalThis.Event)) {
      print("uncaught", "Uncaught (in promise) " + describe(reason));
    }
  }

  function call(callback, ...parameters) {
    try {
      apply(callback, undefined, parameters);
    } catch (error) {
      report(error);
    }
  }

  // --- self ---

  const global = typeof EventTarget === "function" ? new EventTarget() : undefined;
  if (global) {
    for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) {
      define(name, { [name]: (...parameters) => global[name](...parameters) }[name], true);
    }
  }
  define("self", globalThis, true);
  define("quit", function quit(status = 0) {
    host("quit", String(status | 0));
  });

  // Of Annex B, which Boa leaves out, what scripts use still.
  if (!("substr" in String.prototype)) {
    const value = function substr(start, length = Infinity) {
      const text = String(this);
      start = Math.trunc(start) || 0;
      if (start < 0) start = Math.max(0, text.length + start);
      return text.slice(start, start + Math.max(0, Math.trunc(length) || 0));
    };
    defineProperty(String.prototype, "substr", { value, writable: true, configurable: true });
  }

  // --- Timers and microtasks ---

  const timers = new Map();
  let lastTimer = 0;
  let nesting = 0;

  function addTimer(repeats, handler, delay, parameters) {
    delay = Math.max(0, Number(delay) | 0);
    if (typeof handler !== "function") {
      const source = String(handler);
      handler = () => (0, eval)(source);
    }
    const id = ++lastTimer;
    const timer = { handler, parameters, delay, repeats, level: nesting };
    timers.set(id, timer);
    start(id, timer);
    return id;
  }

  // HTML "timer initialization steps": timers nested deeper than five take 4 ms at least.
  function start(id, timer) {
    const delay = timer.level > 5 ? Math.max(4, timer.delay) : timer.delay;
    timer.level += 1;
    host("start timer", String(id), String(delay));
  }

  function clear(id) {
    if (timers.delete(Number(id))) host("cancel timer", String(id));
  }

  function fire(id) {
    id = Number(id);
    const timer = timers.get(id);
    if (!timer) return;
    if (!timer.repeats) timers.delete(id);
    nesting = timer.level;
    call(timer.handler, ...timer.parameters);
    if (timers.has(id)) start(id, timer);
    nesting = 0;
  }

  define("performance", {
    timeOrigin: Date.now(),
    now: () => Number(host("now")),
  });
  define("setTimeout", function setTimeout(handler, delay = 0, ...parameters) {
    return addTimer(false, handler, delay, parameters);
  }, true);
  define("setInterval", function setInterval(handler, delay = 0, ...parameters) {
    return addTimer(true, handler, delay, parameters);
  }, true);
  define("clearTimeout", function clearTimeout(id = 0) { clear(id); }, true);
  define("clearInterval", function clearInterval(id = 0) { clear(id); }, true);
  define("queueMicrotask", function queueMicrotask(callback) {
    if (typeof callback !== "function") {
      throw new TypeError("queueMicrotask: the callback is not a function");
    }
    apply(then, resolved, [() => call(callback)]);
  }, true);

  // --- console ---

  function print(stream, text) {
    host("print", stream, text);
  }

  function headline(error) {
    try {
      return error instanceof Error || isException(error)
        ? `${error.name}: ${error.message}`.replace(/: $/, "")
        : inspect(error);
    } catch {
      return "an exception that can't be described";
    }
  }

  const isException = (value) =>
    typeof DOMException === "function" && value instanceof DOMException;

  function describe(error) {
    const first = headline(error);
    let stack;
    try {
      stack = typeof error === "object" && error !== null ? error.stack : undefined;
    } catch {}
    if (typeof stack !== "string" || stack.trim() === "") return first;
    return stack.startsWith(first) ? stack.trimEnd() : `${first}\n${stack.trimEnd()}`;
  }

  const quote = (text) => JSON.stringify(text);
  const isName = (key) => /^[A-Za-z_$][\w$]*$/.test(key);

  function inspect(value, depth = 0, parents = []) {
    switch (typeof value) {
      case "string":
        return depth === 0 ? value : quote(value);
      case "bigint":
        return `${value}n`;
      case "symbol":
        return value.toString();
      case "function":
        return `[Function: ${value.name || "(anonymous)"}]`;
      case "object":
        if (value === null) return "null";
        if (parents.includes(value)) return "[Circular]";
        return inspectObject(value, depth, [...parents, value]);
      default:
        return Object.is(value, -0) ? "-0" : String(value);
    }
  }

  function inspectObject(value, depth, parents) {
    if (value instanceof Error || isException(value)) {
      return depth === 0 ? describe(value) : `[${headline(value)}]`;
    }
    if (value instanceof Date) return value.toISOString();
    if (value instanceof RegExp) return String(value);
    const nested = (part) => inspect(part, depth + 1, parents);
    const brackets = (prefix, [open, close], parts) =>
      prefix + (parts.length ? `${open} ${parts.join(", ")} ${close}` : open + close);
    const name = nameOf(value);
    const prefix = name === "Object" || name === "Array" ? "" : `${name} `;
    if (depth > 3) return `[${name}]`;
    if (value instanceof ArrayBuffer) {
      const bytes = Array.from(new Uint8Array(value.slice(0, 50)), (byte) =>
        byte.toString(16).padStart(2, "0"));
      if (value.byteLength > 50) bytes.push(`... ${value.byteLength - 50} more bytes`);
      return `ArrayBuffer <${bytes.join(" ")}>`;
    }
    if (Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value)) {
      const parts = Array.from(Array.prototype.slice.call(value, 0, 100), nested);
      if (value.length > 100) parts.push(`... ${value.length - 100} more items`);
      return brackets(prefix, "[]", parts);
    }
    if (value instanceof Map) {
      const parts = Array.from(value, ([key, item]) => `${nested(key)} => ${nested(item)}`);
      return brackets(`Map(${value.size}) `, "{}", parts);
    }
    if (value instanceof Set) return brackets(`Set(${value.size}) `, "{}", Array.from(value, nested));
    const parts = [];
    for (const key of ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (!property.enumerable) continue;
      const label = typeof key === "symbol" ? `[${key.toString()}]` : isName(key) ? key : quote(key);
      parts.push(`${label}: ${"value" in property ? nested(property.value) : "[Getter]"}`);
    }
    return brackets(prefix, "{}", parts);
  }

  function nameOf(value) {
    const prototype = getPrototypeOf(value);
    if (prototype === null) return "[Object: null prototype]";
    const tag = value[Symbol.toStringTag];
    const name = prototype.constructor?.name;
    return String(typeof tag === "string" && tag !== "" ? tag : name || "Object");
  }

  function format(parameters) {
    let [first, ...rest] = parameters;
    if (typeof first === "string" && rest.length > 0) {
      first = first.replace(/%[sdifjoOc%]/g, (directive) => {
        if (directive === "%%") return "%";
        if (rest.length === 0) return directive;
        const value = rest.shift();
        switch (directive) {
          case "%s": return inspect(value);
          case "%d": return String(Number(value));
          case "%i": return String(Math.trunc(Number(value)));
          case "%f": return String(parseFloat(value));
          case "%j": return JSON.stringify(value);
          case "%c": return "";
          default: return inspect(value, 1);
        }
      });
    }
    return (parameters.length ? [first, ...rest] : []).map((part) => inspect(part)).join(" ");
  }

  let indentation = "";
  const counts = new Map();
  const starts = new Map();
  const log = (stream) => (...parameters) => {
    const text = format(parameters);
    print(stream, indentation ? text.replace(/^/gm, indentation) : text);
  };
  const [out, err] = [log("out"), log("err")];
  const console = {
    log: out,
    info: out,
    debug: out,
    warn: err,
    error: err,
    trace: (...parameters) => err("Trace:", ...parameters),
    dir: (value) => out(inspect(value, 1)),
    assert(condition, ...parameters) {
      if (!condition) err("Assertion failed" + (parameters.length ? ":" : ""), ...parameters);
    },
    count(label = "default") {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      out(`${label}: ${counts.get(label)}`);
    },
    countReset(label = "default") {
      counts.delete(label);
    },
    time(label = "default") {
      starts.set(label, Date.now());
    },
    timeLog(label = "default", ...parameters) {
      if (starts.has(label)) out(`${label}: ${Date.now() - starts.get(label)} ms`, ...parameters);
    },
    timeEnd(label = "default") {
      console.timeLog(label);
      starts.delete(label);
    },
    group(...parameters) {
      if (parameters.length) out(...parameters);
      indentation += "  ";
    },
    groupEnd() {
      indentation = indentation.slice(2);
    },
  };
  define("console", console);

  // --- URL: the parser is Rust's ---

  const parts = ["protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];

  class URL {
    #record;
    #query;

    constructor(url, base = undefined) {
      const parameters = [String(url)];
      if (base !== undefined) parameters.push(String(base));
      this.#take(host("parse URL", ...parameters), `Invalid URL: ${parameters[0]}`);
    }

    static canParse(url, base = undefined) {
      try {
        return new URL(url, base) instanceof URL;
      } catch {
        return false;
      }
    }

    #take(json, message) {
      if (json === undefined) throw new TypeError(message);
      this.#record = JSON.parse(json);
      if (this.#query) query.replace(this.#query, this.#record.search);
    }

    get href() {
      return this.#record.href;
    }
    set href(href) {
      this.#take(host("parse URL", String(href)), `Invalid URL: ${href}`);
    }
    get origin() {
      return this.#record.origin;
    }
    get searchParams() {
      return (this.#query ??= query.of(this.search, (search) => {
        this.#record = JSON.parse(host("change URL", this.href, "search", search));
      }));
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }

    static {
      for (const name of parts) {
        defineProperty(URL.prototype, name, {
          get() {
            return this.#record[name];
          },
          set(value) {
            this.#take(host("change URL", this.href, name, String(value)));
          },
          enumerable: true,
          configurable: true,
        });
      }
    }
  }

  let query;

  class URLSearchParams {
    #list = [];
    #changed = () => {};

    static {
      query = {
        of(search, changed) {
          const parameters = new URLSearchParams(search);
          parameters.#changed = changed;
          return parameters;
        },
        replace(parameters, search) {
          parameters.#list = new URLSearchParams(search).#list;
        },
      };
    }

    constructor(init = "") {
      if (typeof init === "object" && init !== null) {
        const pairs = Symbol.iterator in init ? init : Object.entries(init);
        for (const [name, value] of pairs) this.#list.push([String(name), String(value)]);
      } else {
        this.#list = JSON.parse(host("parse query", String(init).replace(/^\?/, "")));
      }
    }

    get size() {
      return this.#list.length;
    }
    append(name, value) {
      this.#list.push([String(name), String(value)]);
      this.#changed(this.toString());
    }
    delete(name) {
      this.#list = this.#list.filter(([other]) => other !== String(name));
      this.#changed(this.toString());
    }
    get(name) {
      return this.#list.find(([other]) => other === String(name))?.[1] ?? null;
    }
    getAll(name) {
      return this.#list.filter(([other]) => other === String(name)).map(([, value]) => value);
    }
    has(name) {
      return this.#list.some(([other]) => other === String(name));
    }
    set(name, value) {
      name = String(name);
      const at = this.#list.findIndex(([other]) => other === name);
      if (at < 0) return this.append(name, value);
      this.#list = this.#list.filter(([other], i) => i <= at || other !== name);
      this.#list[at][1] = String(value);
      this.#changed(this.toString());
    }
    forEach(callback, thisArgument) {
      for (const [name, value] of this) apply(callback, thisArgument, [value, name, this]);
    }
    *entries() {
      for (const [name, value] of this.#list) yield [name, value];
    }
    *keys() {
      for (const [name] of this.#list) yield name;
    }
    *values() {
      for (const [, value] of this.#list) yield value;
    }
    toString() {
      return host("serialize query", JSON.stringify(this.#list));
    }
    [Symbol.iterator]() {
      return this.entries();
    }
  }

  define("URL", URL);
  define("URLSearchParams", URLSearchParams);

  // --- location: it says where the script is from, and never navigates ---

  const address = new URL(host("address"));
  const location = { toString: () => address.href };
  for (const name of ["href", "origin", ...parts]) {
    if (name === "username" || name === "password") continue;
    defineProperty(location, name, { get: () => address[name], enumerable: true });
  }
  define("location", location, true);

  return { fire, report, rejected };
})
