"use strict";
shape(Crypto, { getRandomValues: 1, randomUUID: 0 });
throws("TypeError", () => new Crypto());
equal(crypto instanceof Crypto, true);
equal("subtle" in crypto, false);

const array = new Uint32Array(8);
equal(crypto.getRandomValues(array), array);
equal(array.some((number) => number !== 0), true);
// No more than the view has.
const bytes = new Uint8Array(100);
crypto.getRandomValues(bytes.subarray(10, 90));
equal([...bytes.subarray(0, 10), ...bytes.subarray(90)].every((byte) => byte === 0), true);
equal(crypto.getRandomValues(new BigInt64Array(4)).some((number) => number !== 0n), true);
equal(crypto.getRandomValues(new Int8Array()).length, 0);
throws("TypeError", () => crypto.getRandomValues(new Uint8Array(sharedMemory(), 0, 4)), "shared memory");
equal(crypto.getRandomValues(new Uint8Array(65536)).length, 65536);
throws("QuotaExceededError", () => crypto.getRandomValues(new Uint8Array(65537)));
for (const View of [Float32Array, Float64Array]) {
  throws("TypeMismatchError", () => crypto.getRandomValues(new View(4)), View.name);
}
throws("TypeMismatchError", () => crypto.getRandomValues(new DataView(new ArrayBuffer(4))));
throws("TypeError", () => crypto.getRandomValues([1, 2]));
throws("TypeError", () => crypto.getRandomValues(new ArrayBuffer(4)));
throws("TypeError", () => crypto.getRandomValues());

const uuids = new Set(Array.from({ length: 50 }, () => crypto.randomUUID()));
equal(uuids.size, 50);
for (const uuid of uuids) {
  equal(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid), true, uuid);
}
done();
