// What a value looks like in print. Nothing that script has made, such as a getter or a proxy, makes it throw.
(function (page) {
  "use strict";
  const { getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;

  const DEEPEST = 4;
  const MOST_ITEMS = 100;
  // For all of a value, so that what is large at each level ends too.
  const MOST_NODES = 5000;

  const { isDOMException, isError } = page;
  const isException = (value) => isError(value) || isDOMException(value);
  const isDate = page.hasSlots((value) => Date.prototype.getTime.call(value));
  const sizeOfMap = page.getter(Map.prototype, "size");
  const sizeOfSet = page.getter(Set.prototype, "size");
  const isMap = (page.isMap = page.hasSlots(sizeOfMap));
  const isSet = (page.isSet = page.hasSlots(sizeOfSet));
  const sourceOf = page.getter(RegExp.prototype, "source");
  const flagsOf = page.getter(RegExp.prototype, "flags");
  const isRegExp = (value) => value !== RegExp.prototype && page.hasSlots(sourceOf)(value);

  const quote = (text) => JSON.stringify(text);
  const isName = (key) => /^[A-Za-z_$][\w$]*$/.test(key);
  const label = (key) => (typeof key === "symbol" ? `[${String(key)}]` : isName(key) ? key : quote(key));

  // Name and message of an exception; anything else as it looks.
  page.headline = (error) => {
    try {
      if (page.isObject(error) && isException(error)) return `${error.name}: ${error.message}`.replace(/: $/, "");
    } catch {
      return "an exception that can't be described";
    }
    return page.inspect(error);
  };

  // With its stack, if it has one.
  page.describe = (error) => {
    const first = page.headline(error);
    try {
      const stack = page.isObject(error) ? error.stack : undefined;
      if (typeof stack !== "string" || stack.trim() === "") return first;
      return stack.startsWith(first) ? stack.trimEnd() : `${first}\n${stack.trimEnd()}`;
    } catch {
      return first;
    }
  };

  // Where an error was made, or else this is, as its stack has it: file, line and column.
  page.placeOf = (error) => {
    try {
      const stacks = [isError(error) ? error.stack : undefined, new Error().stack];
      for (const stack of stacks.filter((stack) => typeof stack === "string")) {
        for (const frame of stack.split("\n")) {
          const [, file, line, column] = /([^\s()@]+):(\d+):(\d+)\)?$/.exec(frame) ?? [];
          if (file && file !== "realm.js") return [file, Number(line), Number(column)];
        }
      }
    } catch {
      // A stack can be anything.
    }
    return ["", 0, 0];
  };

  // A string at the top is itself, inside of others it has quotes.
  page.inspect = (value, isInside = false) => {
    const budget = { nodes: MOST_NODES };
    return inspect(value, isInside ? 1 : 0, [], budget);
  };

  function inspect(value, depth, parents, budget) {
    switch (typeof value) {
      case "string":
        return depth === 0 ? value : quote(value);
      case "bigint":
        return `${value}n`;
      case "symbol":
        return String(value);
      case "undefined":
      case "boolean":
        return String(value);
      case "number":
        return Object.is(value, -0) ? "-0" : String(value);
      default:
        if (value === null) return "null";
    }
    if (parents.includes(value)) return "[Circular]";
    if (budget.nodes-- <= 0) return "...";
    try {
      return typeof value === "function"
        ? inspectFunction(value)
        : inspectObject(value, depth, [...parents, value], budget);
    } catch {
      return "[an object that can't be inspected]";
    }
  }

  function inspectFunction(value) {
    const name = getOwnPropertyDescriptor(value, "name")?.value;
    return `[Function: ${typeof name === "string" && name !== "" ? name : "(anonymous)"}]`;
  }

  function inspectObject(value, depth, parents, budget) {
    if (isException(value)) return depth === 0 ? page.describe(value) : `[${page.headline(value)}]`;
    if (isDate(value)) {
      const time = Date.prototype.getTime.call(value);
      return Number.isNaN(time) ? "Invalid Date" : Date.prototype.toISOString.call(value);
    }
    if (isRegExp(value)) return `/${sourceOf(value)}/${flagsOf(value)}`;
    if (page.isArrayBuffer(value)) return inspectBuffer(value);

    const nested = (part) => inspect(part, depth + 1, parents, budget);
    const name = nameOf(value);
    if (depth > DEEPEST || budget.nodes <= 0) return `[${name}]`;
    if (isMap(value)) {
      const entries = firstOf(Map.prototype.entries.call(value));
      const parts = entries.map(([key, item]) => `${nested(key)} => ${nested(item)}`);
      return brackets(`${name}(${sizeOfMap(value)}) `, "{}", parts, sizeOfMap(value));
    }
    if (isSet(value)) {
      const parts = firstOf(Set.prototype.values.call(value)).map(nested);
      return brackets(`${name}(${sizeOfSet(value)}) `, "{}", parts, sizeOfSet(value));
    }
    const prefix = name === "Object" || name === "Array" ? "" : `${name} `;
    const isList = Array.isArray(value) || page.hasSlots(page.typedArrayName)(value)
      && page.typedArrayName(value) !== undefined;
    return isList ? inspectList(value, prefix, nested) : inspectProperties(value, prefix, nested);
  }

  function inspectBuffer(buffer) {
    const bytes = page.bytesOf(buffer);
    const parts = Array.from(bytes.subarray(0, 50), (byte) => byte.toString(16).padStart(2, "0"));
    if (bytes.length > 50) parts.push(`... ${bytes.length - 50} more bytes`);
    return `ArrayBuffer <${parts.join(" ")}>`;
  }

  function inspectList(list, prefix, nested) {
    const parts = [];
    const { length } = list;
    for (let i = 0; i < length && i < MOST_ITEMS; i++) {
      const property = getOwnPropertyDescriptor(list, String(i));
      parts.push(property ? inspectProperty(property, nested) : "");
    }
    return brackets(prefix, "[]", parts, length);
  }

  function inspectProperties(object, prefix, nested) {
    const parts = [];
    let count = 0;
    for (const key of ownKeys(object)) {
      const property = getOwnPropertyDescriptor(object, key);
      if (!property?.enumerable) continue;
      count += 1;
      if (count <= MOST_ITEMS) parts.push(`${label(key)}: ${inspectProperty(property, nested)}`);
    }
    return brackets(prefix, "{}", parts, count);
  }

  const inspectProperty = (property, nested) =>
    "value" in property ? nested(property.value) : property.get ? "[Getter]" : "[Setter]";

  function brackets(prefix, [open, close], parts, count) {
    if (count > parts.length) parts.push(`... ${count - parts.length} more items`);
    return prefix + (parts.length ? `${open} ${parts.join(", ")} ${close}` : open + close);
  }

  function firstOf(iterator) {
    const items = [];
    while (items.length < MOST_ITEMS) {
      const { value, done } = iterator.next();
      if (done) break;
      items.push(value);
    }
    return items;
  }

  function nameOf(value) {
    const prototype = getPrototypeOf(value);
    if (prototype === null) return "[Object: null prototype]";
    const tag = value[Symbol.toStringTag];
    if (typeof tag === "string" && tag !== "") return tag;
    const name = prototype.constructor?.name;
    return typeof name === "string" && name !== "" ? name : "Object";
  }
})
