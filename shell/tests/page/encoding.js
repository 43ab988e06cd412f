"use strict";
shape(TextEncoder, { encoding: undefined, encode: 0, encodeInto: 2 });
shape(TextDecoder, { encoding: undefined, fatal: undefined, ignoreBOM: undefined, decode: 0 });

const encoder = new TextEncoder();
equal(encoder.encoding, "utf-8");
equal([...encoder.encode("aé€😀")], [0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80]);
equal([...encoder.encode("\ud800a\udc00")], [0xef, 0xbf, 0xbd, 0x61, 0xef, 0xbf, 0xbd]);
equal(encoder.encode().length, 0);
equal(encoder.encode(null).length, 4);
const room = new Uint8Array(5).fill(0xff);
equal(encoder.encodeInto("é😀", room), { read: 1, written: 2 });
equal([...room], [0xc3, 0xa9, 0xff, 0xff, 0xff]);
equal(encoder.encodeInto("a😀b", room), { read: 3, written: 5 });
throws("TypeError", () => encoder.encodeInto("a", new Int8Array(1)));

const decode = (label, bytes, options) => new TextDecoder(label, options).decode(new Uint8Array(bytes));
equal(new TextDecoder().encoding, "utf-8");
equal(new TextDecoder(" Latin1\n").encoding, "windows-1252");
equal(new TextDecoder("utf-16").encoding, "utf-16le");
throws("RangeError", () => new TextDecoder("utf-7"));
throws("RangeError", () => new TextDecoder("replacement"));
equal(decode("utf-8", [0xe2, 0x82, 0xac, 0xff, 0x61]), "€\ufffda");
equal(decode("windows-1252", [0x80]), "€");
equal(decode("shift_jis", [0x82, 0xa0]), "あ");
equal(decode("utf-16be", [0x20, 0xac]), "€");
equal(decode("utf-8", [0xef, 0xbb, 0xbf, 0x61]), "a");
equal(decode("utf-8", [0xef, 0xbb, 0xbf, 0x61], { ignoreBOM: true }), "\ufeffa");
throws("TypeError", () => decode("utf-8", [0xff], { fatal: true }));
throws("TypeError", () => decode("utf-8", [0xe2, 0x82], { fatal: true }));
throws("TypeError", () => new TextDecoder().decode("text"));

// All kinds of buffers and views.
const { buffer } = new Uint8Array([0x61, 0x62, 0x63, 0x64]);
equal(new TextDecoder().decode(buffer), "abcd");
equal(new TextDecoder().decode(new DataView(buffer, 1, 2)), "bc");
equal(new TextDecoder().decode(new Uint16Array(buffer, 2)), "cd");
equal(new TextDecoder().decode(), "");

const decoder = new TextDecoder("utf-8");
equal(decoder.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), "");
equal(decoder.decode(new Uint8Array([0xac, 0xf0]), { stream: true }), "€");
equal(decoder.decode(), "\ufffd");
// It begins anew.
equal(decoder.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x62])), "b");
const fatal = new TextDecoder("utf-8", { fatal: true });
throws("TypeError", () => fatal.decode(new Uint8Array([0xff])));
equal(fatal.decode(new Uint8Array([0x63])), "c");

const shared = new Uint8Array(sharedMemory());
shared.set(encoder.encode("z€"));
for (const source of [shared, shared.buffer]) equal(new TextDecoder().decode(source).slice(0, 2), "z€", "shared memory");

const long = "x€".repeat(20000);
equal(new TextDecoder().decode(encoder.encode(long)), long, "a long text");
done();
