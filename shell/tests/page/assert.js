// What the scripts beside this one use.
"use strict";

function fail(message) {
  throw new Error(message);
}

// Values that look the same, or have the same JSON.
function equal(actual, expected, what = "it") {
  if (Object.is(actual, expected)) return;
  if (typeof expected === "object" && JSON.stringify(actual) === JSON.stringify(expected)) return;
  fail(`${what} is ${show(actual)}, not ${show(expected)}`);
}

function show(value) {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// `name` is that of an exception of the language or of a DOMException.
function throws(name, action, what = "it") {
  let error;
  try {
    action();
  } catch (thrown) {
    error = thrown;
  }
  equal(error?.name, name, `the exception of ${what}`);
}

async function rejects(name, promise, what = "it") {
  const error = await promise.then(() => undefined, (error) => error);
  equal(error?.name, name, `the rejection of ${what}`);
  return error;
}

// The shape of an interface: attributes and operations, with their lengths.
function shape(Interface, members) {
  const { name, prototype } = Interface;
  const property = Object.getOwnPropertyDescriptor(globalThis, name);
  equal([property.enumerable, property.writable, property.configurable], [false, true, true], name);
  equal(Object.prototype.toString.call(prototype), `[object ${name}]`);
  for (const [member, length] of Object.entries(members)) {
    const { enumerable, value, get } = Object.getOwnPropertyDescriptor(prototype, member) ?? fail(`no ${name}.${member}`);
    equal(enumerable, true, `${name}.${member}`);
    if (length === undefined) {
      throws("TypeError", () => get.call({}), `${name}.${member} of another object`);
    } else {
      equal(value.length, length, `the length of ${name}.${member}`);
    }
  }
}

// JavaScriptCore has shared memory, and not its constructor.
function sharedMemory() {
  if (typeof SharedArrayBuffer === "function") return new SharedArrayBuffer(8);
  return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
}

function done() {
  console.log("done");
}
