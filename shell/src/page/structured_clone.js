// HTML "safe passing of structured data" (https://html.spec.whatwg.org/multipage/structured-data.html): serializing and
// deserializing are one step here, because both ends are this realm.
(function (page) {
  "use strict";
  const { exception, getter, hasSlots, isArrayBuffer, isDOMException, isError, isInstance, isMap, isObject } = page;
  const { isSet, isSharedArrayBuffer, toDictionary, typedArrayName } = page;
  const { getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const { Blob, DOMException } = globalThis;

  const refuse = (what) => {
    throw exception("DataCloneError", `${what} can't be cloned`);
  };

  const valueOf = (Class) => {
    const { valueOf } = Class.prototype;
    return (value) => valueOf.call(value);
  };
  const boxes = [Boolean, Number, String, BigInt].map((Class) => ({
    read: valueOf(Class),
    is: hasSlots(valueOf(Class)),
  }));
  const isSymbol = hasSlots(valueOf(Symbol));
  const timeOf = (value) => Date.prototype.getTime.call(value);
  const isDate = hasSlots(timeOf);
  const sourceOf = getter(RegExp.prototype, "source");
  const flagsOf = getter(RegExp.prototype, "flags");
  const isRegExp = hasSlots(sourceOf);
  const typeOfBlob = getter(Blob.prototype, "type");
  const isBlob = hasSlots(typeOfBlob);
  const isResizable = getter(ArrayBuffer.prototype, "resizable");
  const maxByteLength = getter(ArrayBuffer.prototype, "maxByteLength");
  const { transfer, slice } = ArrayBuffer.prototype;
  const isDetached = "detached" in ArrayBuffer.prototype ? getter(ArrayBuffer.prototype, "detached") : () => false;

  // Objects with slots that have no place in a clone, and platform objects that are not serializable.
  const others = [WeakMap, WeakSet, WeakRef, FinalizationRegistry, Promise, EventTarget, Event, AbortController];
  const isOther = (value) => [...others, ...page.interfaces].some((Class) => isInstance(value, Class));
  const generator = getPrototypeOf(getPrototypeOf(function* () {}.prototype));
  const isIterator = (value) => isInstance(value, { prototype: generator }) && !Object.hasOwn(value, "next");

  const errors = { __proto__: null, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

  // "StructuredSerializeInternal" and "StructuredDeserialize". `memory` leads from what is there to what is made of it.
  function clone(value, memory) {
    if (typeof value === "symbol") refuse("a symbol");
    if (!isObject(value)) return value;
    if (memory.has(value)) return memory.get(value);
    if (typeof value === "function") refuse("a function");
    const remember = (copy) => {
      memory.set(value, copy);
      return copy;
    };

    if (isSymbol(value)) refuse("a symbol");
    const box = boxes.find(({ is }) => is(value));
    if (box) return remember(Object(box.read(value)));
    if (isDate(value)) return remember(new Date(timeOf(value)));
    if (isRegExp(value) && value !== RegExp.prototype) return remember(new RegExp(value, flagsOf(value)));
    if (isSharedArrayBuffer(value)) refuse("shared memory");
    if (isArrayBuffer(value)) return remember(cloneBuffer(value));
    if (ArrayBuffer.isView(value)) return remember(cloneView(value, memory));
    if (isMap(value)) {
      const copy = remember(new Map());
      // What a getter adds meanwhile is none of it.
      for (const [key, item] of Array.from(Map.prototype.entries.call(value))) {
        Map.prototype.set.call(copy, clone(key, memory), clone(item, memory));
      }
      return copy;
    }
    if (isSet(value)) {
      const copy = remember(new Set());
      for (const item of Array.from(Set.prototype.values.call(value))) Set.prototype.add.call(copy, clone(item, memory));
      return copy;
    }
    if (isDOMException(value)) return remember(cloneException(value));
    if (isError(value)) return remember(cloneError(value));
    if (isBlob(value)) return remember(Blob.prototype.slice.call(value, 0, undefined, typeOfBlob(value)));
    if (isOther(value) || isIterator(value)) refuse("an object of this kind");

    const copy = remember(Array.isArray(value) ? new Array(value.length) : {});
    for (const key of Object.keys(value)) {
      // It may be gone by now.
      if (!Object.hasOwn(value, key)) continue;
      Object.defineProperty(copy, key, {
        value: clone(value[key], memory),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return copy;
  }

  function cloneBuffer(buffer) {
    if (isDetached(buffer)) refuse("a detached buffer");
    if (!isResizable(buffer)) return slice.call(buffer, 0);
    const bytes = page.bytesOf(buffer);
    const copy = new ArrayBuffer(bytes.length, { maxByteLength: maxByteLength(buffer) });
    new Uint8Array(copy).set(bytes);
    return copy;
  }

  // Throws for a view whose buffer has no longer all of it.
  const { keys } = getPrototypeOf(Uint8Array).prototype;
  const isWhole = hasSlots((view) => (typedArrayName(view) === undefined ? lengthOfDataView(view) : keys.call(view)));
  const lengthOfDataView = getter(DataView.prototype, "byteLength");

  function cloneView(view, memory) {
    if (!isWhole(view)) refuse("a view out of its buffer's bounds");
    const name = typedArrayName(view) ?? "DataView";
    const { buffer, byteOffset, byteLength } = page.partsOfView(view);
    // One without a length of its own goes with its buffer's.
    const isTracking = !isSharedArrayBuffer(buffer) && isResizable(buffer) && isLengthTracking(view, name, buffer);
    const copy = clone(buffer, memory);
    const View = globalThis[name];
    const length = byteLength / (View.BYTES_PER_ELEMENT ?? 1);
    return isTracking ? new View(copy, byteOffset) : new View(copy, byteOffset, length);
  }

  // Nothing tells but the length, once the buffer's has changed: where it can't grow, it doesn't matter either.
  function isLengthTracking(view, name, buffer) {
    const { byteLength } = page.partsOfView(view);
    const size = page.bytesOf(buffer).length;
    if (size >= maxByteLength(buffer)) return false;
    const unit = globalThis[name].BYTES_PER_ELEMENT ?? 1;
    if (size + unit > maxByteLength(buffer)) return false;
    buffer.resize(size + unit);
    const isTracking = page.partsOfView(view).byteLength !== byteLength;
    buffer.resize(size);
    return isTracking;
  }

  const own = (object, name) => {
    const property = getOwnPropertyDescriptor(object, name);
    return property && "value" in property ? property.value : undefined;
  };

  function cloneError(error) {
    const { name } = error;
    const message = own(error, "message");
    const Class = (typeof name === "string" ? errors[name] : undefined) ?? Error;
    const copy = message === undefined ? new Class() : new Class(`${message}`);
    copyStack(error, copy);
    return copy;
  }

  function copyStack({ stack }, copy) {
    if (typeof stack === "string") {
      Object.defineProperty(copy, "stack", { value: stack, writable: true, configurable: true });
    }
  }

  function cloneException(error) {
    const copy = new DOMException(error.message, error.name);
    copyStack(error, copy);
    return copy;
  }

  // "StructuredSerializeWithTransfer" and "StructuredDeserializeWithTransfer": the clone, and what the listed objects have
  // become.
  page.cloneWithTransfer = (value, list) => {
    const memory = new Map();
    for (const object of list) {
      if (memory.has(object)) throw exception("DataCloneError", "an object is transferred twice");
      if (isArrayBuffer(object)) {
        if (!transfer) throw exception("DataCloneError", "this engine can't detach buffers");
        // A copy looks the same as what is taken away. If something can't be cloned, nothing is.
        memory.set(object, cloneBuffer(object));
      } else if (page.isPort(object)) {
        if (page.isPortDetached(object)) refuse("a port that was transferred already");
        memory.set(object, page.createPort());
      } else {
        throw exception("DataCloneError", "an object of this kind can't be transferred");
      }
    }
    const copy = clone(value, memory);
    for (const object of list) {
      if (!isArrayBuffer(object)) page.transferPort(object, memory.get(object));
      else if (isDetached(object)) refuse("a detached buffer");
      else transfer.call(object, 0);
    }
    return { copy, transferred: list.map((object) => memory.get(object)) };
  };

  page.define("structuredClone", function structuredClone(value, options = {}) {
    page.requires(arguments, 1, "structuredClone");
    const { transfer = [] } = toDictionary(options);
    return page.cloneWithTransfer(value, Array.from(page.iterate(transfer, transfer?.[Symbol.iterator]))).copy;
  }, true);
})
