// The Console Standard (https://console.spec.whatwg.org/). What is printed is text.
(function (page) {
  "use strict";
  const { host, inspect } = page;
  const { parseFloat, parseInt, String } = globalThis;

  const counts = new Map();
  const timers = new Map();
  let indentation = "";

  page.print = (stream, text) => {
    host("print", stream, text);
  };

  // "Printer".
  function print(stream, text) {
    page.print(stream, indentation ? text.replace(/^/gm, indentation) : text);
  }

  // "Logger".
  function log(stream, parameters) {
    if (parameters.length > 0) print(stream, format(parameters));
  }

  // "Formatter", and what has no specifier behind it.
  function format([first, ...rest]) {
    if (typeof first === "string" && rest.length > 0) {
      first = first.replace(/%[sdifoOc%]/g, (specifier) => {
        if (specifier === "%%") return "%";
        return rest.length === 0 ? specifier : convert(specifier, rest.shift());
      });
    }
    return [first, ...rest].map((part) => inspect(part)).join(" ");
  }

  function convert(specifier, value) {
    try {
      switch (specifier) {
        case "%s": return String(value);
        case "%d":
        case "%i": return typeof value === "symbol" ? "NaN" : String(parseInt(value, 10));
        case "%f": return typeof value === "symbol" ? "NaN" : String(parseFloat(value));
        // There are no styles.
        case "%c": return "";
      }
    } catch {
      // What can't be converted is shown.
    }
    return inspect(value, true);
  }

  function entriesOf(data) {
    if (page.isMap(data)) return [...Map.prototype.entries.call(data)];
    if (page.isSet(data)) return [...Set.prototype.values.call(data)].map((value, i) => [i, value]);
    return Object.entries(data);
  }

  // Table of rows, or everything else as `log` has it.
  function tabulate(data, properties) {
    const rows = [];
    const columns = new Set();
    let hasValues = false;
    const cell = (value) => inspect(value, true);
    const isRow = (value) => typeof value === "object" && value !== null;
    for (const [index, item] of entriesOf(data)) {
      const cells = new Map();
      const row = { index: inspect(index), cells, value: isRow(item) ? undefined : cell(item) };
      if (isRow(item)) {
        for (const [name, value] of Object.entries(item)) {
          if (properties && !properties.includes(name)) continue;
          columns.add(name);
          cells.set(name, cell(value));
        }
      } else {
        hasValues = true;
      }
      rows.push(row);
    }
    const names = properties ?? [...columns];
    const head = ["(index)", ...names, ...(hasValues ? ["Values"] : [])];
    const body = rows.map(({ index, cells, value }) =>
      [index, ...names.map((name) => cells.get(name) ?? ""), ...(hasValues ? [value ?? ""] : [])]);
    const widths = head.map((_, i) => Math.max(...[head, ...body].map((cells) => cells[i].length)));
    const line = (cells) => `| ${cells.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`;
    const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
    return [line(head), rule, ...body.map(line)].join("\n");
  }

  function elapsed(label) {
    return `${label}: ${Number((page.now() - timers.get(label)).toFixed(3))} ms`;
  }

  // "For historical web-compatibility reasons", its prototype is an object of its own.
  const console = Object.create({}, { [Symbol.toStringTag]: { value: "console", configurable: true } });
  Object.assign(console, {
    assert(condition = false, ...data) {
      if (condition) return;
      const message = "Assertion failed";
      if (typeof data[0] === "string") data[0] = `${message}: ${data[0]}`;
      else data.unshift(data.length ? `${message}:` : message);
      log("err", data);
    },
    clear() {
      indentation = "";
    },
    debug(...data) { log("out", data); },
    error(...data) { log("err", data); },
    info(...data) { log("out", data); },
    log(...data) { log("out", data); },
    table(tabularData = undefined, properties = undefined) {
      if (typeof tabularData === "object" && tabularData !== null) {
        const names = properties === undefined ? undefined : Array.from(properties, (name) => `${name}`);
        let table;
        try {
          table = tabulate(tabularData, names);
        } catch {
          // What can't be tabulated is logged.
        }
        if (table !== undefined) return print("out", table);
      }
      if (arguments.length > 0) log("out", [tabularData]);
    },
    trace(...data) {
      const stack = String(new Error().stack ?? "").trimEnd();
      print("err", ["Trace" + (data.length ? `: ${format(data)}` : ""), stack].filter(Boolean).join("\n"));
    },
    warn(...data) { log("err", data); },
    dir(item = undefined, _options = undefined) {
      print("out", inspect(item, true));
    },
    dirxml(...data) { log("out", data); },

    count(label = "default") {
      label = `${label}`;
      counts.set(label, (counts.get(label) ?? 0) + 1);
      print("out", `${label}: ${counts.get(label)}`);
    },
    countReset(label = "default") {
      label = `${label}`;
      if (!counts.delete(label)) print("err", `nothing is counted as ${label}`);
    },

    group(...data) {
      log("out", data);
      indentation += "  ";
    },
    groupCollapsed(...data) {
      console.group(...data);
    },
    groupEnd() {
      indentation = indentation.slice(2);
    },

    time(label = "default") {
      label = `${label}`;
      if (timers.has(label)) return print("err", `a timer ${label} is running already`);
      timers.set(label, page.now());
    },
    timeLog(label = "default", ...data) {
      label = `${label}`;
      if (!timers.has(label)) return print("err", `no timer ${label} is running`);
      print("out", [elapsed(label), ...data.map((item) => inspect(item))].join(" "));
    },
    timeEnd(label = "default") {
      label = `${label}`;
      if (!timers.has(label)) return print("err", `no timer ${label} is running`);
      print("out", elapsed(label));
      timers.delete(label);
    },
  });
  for (const name of ["dir", "table"]) Object.defineProperty(console[name], "length", { value: 0 });
  page.define("console", console);
})
