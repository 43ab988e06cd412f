// The Encoding Standard's API (https://encoding.spec.whatwg.org/#api).
(function (page) {
  "use strict";
  const { host, toDictionary } = page;
  const { apply } = Reflect;
  const { charCodeAt } = String.prototype;

  // "UTF-8 encoder": into bytes as long as characters fit in whole. Answers how many code units were read, and bytes written.
  function encodeInto(text, bytes) {
    const { length: end } = text;
    const { length: room } = bytes;
    let read = 0;
    let written = 0;
    while (read < end) {
      let point = apply(charCodeAt, text, [read]);
      let units = 1;
      if (point < 0x80) {
        if (written === room) break;
        bytes[written++] = point;
        read += 1;
        continue;
      }
      if (point >= 0xd800 && point < 0xe000) {
        // Well-formed as it is, there is another half.
        point = 0x10000 + ((point & 0x3ff) << 10) + (apply(charCodeAt, text, [read + 1]) & 0x3ff);
        units = 2;
      }
      const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
      if (written + more >= room) break;
      bytes[written++] = (point >> (6 * more)) | (more === 1 ? 0xc0 : more === 2 ? 0xe0 : 0xf0);
      for (let i = more - 1; i >= 0; i--) bytes[written++] = 0x80 | ((point >> (6 * i)) & 0x3f);
      read += units;
    }
    return { read, written };
  }

  // "UTF-8 encode" of a well-formed string.
  page.encode = (text) => {
    let bytes = new Uint8Array(text.length);
    let { read, written } = encodeInto(text, bytes);
    if (read < text.length) {
      const all = new Uint8Array(written + 3 * (text.length - read));
      all.set(bytes.subarray(0, written));
      written += encodeInto(text.slice(read), all.subarray(written)).written;
      bytes = all.slice(0, written);
    }
    return bytes;
  };

  class TextEncoder {
    #isOurs = true;

    get encoding() {
      this.#isOurs;
      return "utf-8";
    }
    encode(input = "") {
      this.#isOurs;
      return page.encode(page.toUSVString(input));
    }
    encodeInto(source, destination) {
      this.#isOurs;
      page.requires(arguments, 2, "encodeInto");
      source = page.toUSVString(source);
      if (page.typedArrayName(destination) !== "Uint8Array") {
        throw new TypeError("encodeInto: the destination is no Uint8Array");
      }
      return encodeInto(source, page.bytesOf(destination));
    }
  }

  // What Rust keeps for a decoder that expects more, by its number.
  let lastDecoder = 0;
  const forgotten = new FinalizationRegistry((number) => host("forget decoder", number));

  class TextDecoder {
    #encoding;
    #isFatal;
    #ignoresBOM;
    #number = String(++lastDecoder);
    #isStreaming = false;

    constructor(label = "utf-8", options = {}) {
      label = `${label}`;
      const { fatal = false, ignoreBOM = false } = toDictionary(options);
      const name = host("encoding", label);
      if (name === undefined) throw new RangeError(`there is no encoding ${JSON.stringify(label)}`);
      this.#encoding = name;
      this.#isFatal = Boolean(fatal);
      this.#ignoresBOM = Boolean(ignoreBOM);
    }
    get encoding() {
      return this.#encoding;
    }
    get fatal() {
      return this.#isFatal;
    }
    get ignoreBOM() {
      return this.#ignoresBOM;
    }
    decode(input = new Uint8Array(), options = {}) {
      const encoding = this.#encoding;
      const bytes = page.bytesOf(input);
      const isStreaming = Boolean(toDictionary(options).stream);
      if (isStreaming && !this.#isStreaming) forgotten.register(this, this.#number, this);
      if (!isStreaming && this.#isStreaming) forgotten.unregister(this);
      this.#isStreaming = isStreaming;
      const flags = [this.#isFatal, this.#ignoresBOM, isStreaming].map(String);
      const text = host("decode", this.#number, encoding, ...flags, page.textOfBytes(bytes));
      if (text === undefined) throw new TypeError(`the data is not valid ${encoding}`);
      return text;
    }
  }

  page.decode = (bytes) => new TextDecoder().decode(bytes);

  page.expose(TextEncoder);
  page.expose(TextDecoder);
})
