// Modules, for an engine that has none: ECMA-262 16.2.1 over the functions that transform.rs makes of them. `native`
// is a function of Rust's, as the page's script has it; what is returned is for Rust to call.
(function (native) {
  "use strict";
  const { defineProperty, getOwnPropertyDescriptor, has, preventExtensions } = Reflect;
  const records = new Map();

  // --- Definitions ---

  // `imported` are [local name, request, name], `indirect` [name, request, imported name]: both are null for a namespace.
  class Record {
    status = "linked";
    error = undefined;
    requests = [];
    isLinked = false;
    getters = new Map();
    dfsIndex = undefined;
    dfsAncestorIndex = undefined;
    cycleRoot = undefined;
    asyncOrder = undefined;
    pending = 0;
    asyncParents = [];
    capability = undefined;
    namespace = undefined;

    constructor(key, url, { imported = [], indirect = [], stars = [], isAsync = false }) {
      Object.assign(this, { key, url, imported, indirect, stars, isAsync });
    }
  }

  // Until then, what awaits at its top level would not run at once.
  let beginning = [];
  async function allBegun() {
    const begun = beginning;
    beginning = [];
    await Promise.all(begun);
  }

  // What a module is: a generator, whose first step hands out its exports, and whose second runs it.
  function define([description, body]) {
    const record = new Record(description.key, description.url, description);
    const meta = Object.create(null);
    meta.url = record.url;
    record.bindings = Object.create(null);
    record.steps = body.call(undefined, {
      meta,
      import: (specifier, options) => importFrom(record.url, specifier, options),
      exports(getters, isNamed) {
        for (const name of Object.keys(getters)) record.getters.set(name, getters[name]);
        // An exported function without a name.
        if (!isNamed) defineProperty(getters.default(), "name", { value: "default", configurable: true });
      },
    }, record.bindings);
    const begun = record.steps.next();
    if (record.isAsync) beginning.push(begun);
    records.set(record.key, record);
  }

  function defineJson(json) {
    const { key, url, text } = JSON.parse(json);
    const record = new Record(key, url, {});
    try {
      const value = JSON.parse(text);
      record.getters.set("default", () => value);
    } catch (error) {
      record.error = { value: new SyntaxError(`${url}: ${error.message}`) };
    }
    record.status = "evaluated";
    record.cycleRoot = record;
    record.isLinked = true;
    records.set(key, record);
  }

  function setRequests(json) {
    const [key, requests] = JSON.parse(json);
    records.get(key).requests = requests.map((request) => records.get(request));
  }

  // --- Linking ---

  function link(record) {
    if (record.isLinked) return;
    record.isLinked = true;
    try {
      for (const request of record.requests) link(request);
      for (const [name, request, imported] of record.indirect) {
        if (imported !== null) resolved(record, record.requests[request], imported);
      }
      for (const [local, request, imported] of record.imported) {
        const from = record.requests[request];
        const get = imported === null
          ? () => namespaceOf(from)
          : resolved(record, from, imported);
        // Without a setter, an assignment throws a TypeError.
        defineProperty(record.bindings, local, { get });
      }
    } catch (error) {
      record.isLinked = false;
      throw error;
    }
  }

  function resolved(importer, from, name) {
    const get = resolveExport(from, name, new Set());
    if (typeof get === "function") return get;
    const why = get === null ? "there is no such export" : "it has several of that name";
    const error = new SyntaxError(`Cannot import ${JSON.stringify(name)} from ${from.url}: ${why}`);
    throw Object.defineProperty(error, "stack", { value: `    at ${importer.url}`, configurable: true, writable: true });
  }

  // ResolveExport: what gets the value, null or "ambiguous".
  function resolveExport(record, name, seen) {
    const circle = `${record.key} ${name}`;
    if (seen.has(circle)) return null;
    seen.add(circle);
    const own = record.getters.get(name);
    if (own) return own;
    for (const [exported, request, imported] of record.indirect) {
      if (exported !== name) continue;
      const from = record.requests[request];
      if (imported === null) return (from.getNamespace ??= () => namespaceOf(from));
      return resolveExport(from, imported, seen);
    }
    if (name === "default") return null;
    let found = null;
    for (const request of record.stars) {
      const get = resolveExport(record.requests[request], name, seen);
      if (get === "ambiguous") return get;
      if (get === null) continue;
      if (found !== null && found !== get) return "ambiguous";
      found = get;
    }
    return found;
  }

  function exportedNames(record, seen = new Set()) {
    if (seen.has(record)) return [];
    seen.add(record);
    const names = [...record.getters.keys(), ...record.indirect.map(([name]) => name)];
    for (const request of record.stars) {
      names.push(...exportedNames(record.requests[request], seen).filter((name) => name !== "default"));
    }
    return [...new Set(names)];
  }

  // A module namespace exotic object.
  function namespaceOf(record) {
    if (record.namespace) return record.namespace;
    const getters = new Map();
    const target = Object.create(null);
    for (const name of exportedNames(record).sort()) {
      const get = resolveExport(record, name, new Set());
      if (typeof get !== "function") continue;
      getters.set(name, get);
      defineProperty(target, name, { value: undefined, writable: true, enumerable: true });
    }
    defineProperty(target, Symbol.toStringTag, { value: "Module" });
    preventExtensions(target);
    return (record.namespace = new Proxy(target, {
      get: (target, key) => getters.has(key) ? getters.get(key)() : target[key],
      getOwnPropertyDescriptor(target, key) {
        const descriptor = getOwnPropertyDescriptor(target, key);
        if (getters.has(key)) descriptor.value = getters.get(key)();
        return descriptor;
      },
      set: () => false,
      defineProperty(target, key, wanted) {
        if (!getters.has(key)) return defineProperty(target, key, wanted);
        const isChange = wanted.configurable || wanted.enumerable === false || wanted.writable === false
          || "get" in wanted || "set" in wanted;
        return !isChange && (!("value" in wanted) || Object.is(wanted.value, getters.get(key)()));
      },
      deleteProperty: (target, key) => !has(target, key),
    }));
  }

  // --- Evaluation ---

  let asyncCount = 0;

  // Evaluate: the promise of its end.
  function evaluate(record) {
    link(record);
    if (record.status === "evaluating-async" || record.status === "evaluated") record = record.cycleRoot ?? record;
    if (record.capability) return record.capability.promise;
    record.capability = Promise.withResolvers();
    const stack = [];
    try {
      innerEvaluate(record, stack, 0);
      if (record.status === "evaluated") record.capability.resolve();
    } catch (error) {
      for (const other of stack) {
        other.status = "evaluated";
        other.error = { value: error };
        other.cycleRoot = other;
      }
      record.capability.reject(error);
    }
    return record.capability.promise;
  }

  // InnerModuleEvaluation
  function innerEvaluate(record, stack, index) {
    if (record.status === "evaluating-async" || record.status === "evaluated") {
      if (record.error) throw record.error.value;
      return index;
    }
    if (record.status === "evaluating") return index;
    record.status = "evaluating";
    record.dfsIndex = record.dfsAncestorIndex = index++;
    stack.push(record);
    for (let required of record.requests) {
      index = innerEvaluate(required, stack, index);
      if (required.status === "evaluating") {
        record.dfsAncestorIndex = Math.min(record.dfsAncestorIndex, required.dfsAncestorIndex);
      } else {
        required = required.cycleRoot;
        if (required.error) throw required.error.value;
      }
      if (required.asyncOrder > 0) {
        record.pending += 1;
        required.asyncParents.push(record);
      }
    }
    if (record.pending > 0 || record.isAsync) {
      record.asyncOrder = ++asyncCount;
      if (record.pending === 0) executeAsync(record);
    } else {
      record.steps.next();
    }
    if (record.dfsAncestorIndex === record.dfsIndex) {
      for (;;) {
        const other = stack.pop();
        other.status = other.asyncOrder === undefined ? "evaluated" : "evaluating-async";
        other.cycleRoot = record;
        if (other === record) break;
      }
    }
    return index;
  }

  async function executeAsync(record) {
    try {
      await record.steps.next();
    } catch (error) {
      return asyncRejected(record, error);
    }
    asyncFulfilled(record);
  }

  // AsyncModuleExecutionFulfilled
  function asyncFulfilled(record) {
    if (record.status === "evaluated") return;
    finish(record);
    const ready = [];
    gather(record, ready);
    for (const other of ready.sort((a, b) => a.asyncOrder - b.asyncOrder)) {
      if (other.status === "evaluated") continue;
      if (other.isAsync) {
        executeAsync(other);
        continue;
      }
      try {
        other.steps.next();
      } catch (error) {
        asyncRejected(other, error);
        continue;
      }
      finish(other);
    }
  }

  // GatherAvailableAncestors
  function gather(record, ready) {
    for (const parent of record.asyncParents) {
      if (ready.includes(parent) || parent.cycleRoot?.error) continue;
      parent.pending -= 1;
      if (parent.pending > 0) continue;
      ready.push(parent);
      if (!parent.isAsync) gather(parent, ready);
    }
  }

  function finish(record) {
    record.asyncOrder = 0; // It is done.
    record.status = "evaluated";
    record.capability?.resolve();
  }

  // AsyncModuleExecutionRejected
  function asyncRejected(record, error) {
    if (record.status === "evaluated") return;
    record.error = { value: error };
    record.status = "evaluated";
    record.asyncOrder = 0;
    record.capability?.reject(error);
    for (const parent of record.asyncParents) asyncRejected(parent, error);
  }

  // --- import() ---

  const waiting = new Map();
  let lastTicket = 0;

  async function importFrom(referrer, specifier, options) {
    const parameters = [`${specifier}`.toWellFormed(), referrer];
    if (options !== undefined) {
      if (typeof options !== "object" || options === null) {
        throw new TypeError("The second argument of import() is no object");
      }
      const attributes = options.with;
      if (attributes !== undefined && (typeof attributes !== "object" || attributes === null)) {
        throw new TypeError("The attributes of an import() are no object");
      }
      const type = attributes?.type;
      if (type !== undefined) parameters.push(`${type}`.toWellFormed());
    }
    const ticket = String(++lastTicket);
    const loaded = Promise.withResolvers();
    waiting.set(ticket, loaded);
    native("import module", ticket, ...parameters);
    const record = await loaded.promise;
    await allBegun();
    await evaluate(record);
    return namespaceOf(record);
  }

  function taken(ticket) {
    const loaded = waiting.get(ticket);
    waiting.delete(ticket);
    return loaded;
  }

  function failure({ kind, message, place }) {
    const error = new (kind === "SyntaxError" ? SyntaxError : TypeError)(message);
    // Where an engine puts it, nothing of the module is.
    return Object.defineProperty(error, "stack", { value: `    at ${place}`, configurable: true, writable: true });
  }

  // What the scripts that Rust makes call.
  defineProperty(globalThis, Symbol.for("dom-websocket-shell"), {
    value: Object.freeze({
      import: importFrom,
      async evaluate(key) {
        await allBegun();
        await evaluate(records.get(key));
      },
    }),
  });

  return {
    define,
    defineJson,
    setRequests,
    loaded(json) {
      const [ticket, key] = JSON.parse(json);
      taken(ticket).resolve(records.get(key));
    },
    notLoaded(json) {
      const [ticket, failed] = JSON.parse(json);
      taken(ticket).reject(failure(failed));
    },
    fail(json) {
      throw failure(JSON.parse(json));
    },
  };
})
