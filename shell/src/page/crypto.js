// Web Cryptography (https://w3c.github.io/webcrypto/): its random numbers. There is no `subtle`.
(function (page) {
  "use strict";
  const { exception, host } = page;
  const integers = ["Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32", "BigInt64", "BigUint64"]
    .map((kind) => `${kind}Array`);

  class Crypto {
    #isOurs = true;

    constructor(key) {
      page.allow(key);
    }
    getRandomValues(array) {
      this.#isOurs;
      page.requires(arguments, 1, "getRandomValues");
      if (!ArrayBuffer.isView(array)) throw new TypeError("getRandomValues: no view was given");
      const { buffer } = page.partsOfView(array);
      if (page.isSharedArrayBuffer(buffer)) throw new TypeError("getRandomValues: the memory is shared");
      if (!integers.includes(page.typedArrayName(array))) {
        throw exception("TypeMismatchError", "getRandomValues fills typed arrays of integers");
      }
      const bytes = page.bytesOf(array);
      if (bytes.length > 65536) throw exception("QuotaExceededError", "getRandomValues fills 65536 bytes at most");
      bytes.set(page.bytesOfText(host("random", String(bytes.length))));
      return array;
    }
    randomUUID() {
      this.#isOurs;
      const bytes = page.bytesOfText(host("random", "16"));
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    }
  }

  page.expose(Crypto);
  page.define("crypto", new Crypto(page.key), true);
})
