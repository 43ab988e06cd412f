"use strict";
const lines = (text) => text.split("\r\n");

(async () => {
  const got = await fetch("../echo#f", { headers: { "X-Own": "é" } });
  equal([got.ok, got.status, got.statusText, got.type, got.redirected], [true, 200, "OK", "basic", false]);
  equal([got.url, got.headers.get("x-two"), got.bodyUsed], [new URL("/echo", location).href, "a, b", false]);
  throws("TypeError", () => got.headers.set("a", "b"));
  const text = await got.text();
  equal(lines(text)[0], "GET /echo HTTP/1.1");
  equal(text.includes("\r\nx-own: \ufffd\r\n"), true, "a header that is no UTF-8");
  equal([/^accept: \*\/\*\r$/im.test(text), /^user-agent: dom-websocket-shell/im.test(text), /^origin:/im.test(text)], [true, true, false]);

  const posted = lines(await (await fetch("/echo", { method: "POST", body: JSON.stringify({ ü: 1 }) })).text());
  equal([posted[0], posted.at(-1)], ["POST /echo HTTP/1.1", "{\"ü\":1}"]);
  equal(posted.map((line) => line.toLowerCase()).filter((line) => /^(content-|origin)/.test(line)).sort(),
    ["content-length: 8", "content-type: text/plain;charset=utf-8", `origin: ${location.origin}`]);
  const sent = new Uint8Array([0, 1, 127, 128, 255]);
  for (const [method, body] of [["PUT", sent], ["DELETE", sent.buffer], ["purge", new Blob([sent])]]) {
    const bytes = await (await fetch(new Request("/echo", { method, body }))).bytes();
    equal([...bytes.slice(-5)], [...sent], method);
    equal(String.fromCharCode(...bytes).startsWith(`${method} `), true, method);
  }
  equal((await (await fetch("/echo", { method: "POST" })).text()).toLowerCase().includes("content-length: 0"), true);

  equal([...(await (await fetch("/bytes")).bytes())], Array.from({ length: 256 }, (_, i) => i));
  const missing = await fetch("/missing");
  equal([missing.ok, missing.status, await missing.text()], [false, 404, "nothing is there"]);
  const empty = await fetch("/empty");
  equal([empty.status, empty.body, await empty.text()], [204, null, ""]);
  equal(await (await fetch("/bytes", { method: "HEAD" })).text(), "");

  // Redirects.
  const found = await fetch("/found", { method: "POST", body: "x" });
  equal([found.redirected, found.url, lines(await found.text())[0]], [true, new URL("/echo", location).href, "GET /echo HTTP/1.1"]);
  const again = lines(await (await fetch("/same-again", { method: "POST", body: "x" })).text());
  equal([again[0], again.at(-1)], ["POST /echo HTTP/1.1", "x"]);
  equal(await (await fetch("/snow")).text(), "melted");
  const manual = await fetch("/found", { redirect: "manual" });
  equal([manual.type, manual.status, [...manual.headers].length], ["opaqueredirect", 0, 0]);
  await rejects("TypeError", fetch("/found", { redirect: "error" }), "a redirect that is an error");
  await rejects("TypeError", fetch("/circle"), "a circle");
  await rejects("TypeError", fetch("/away"), "a redirect to another scheme");

  // What goes wrong.
  await rejects("TypeError", fetch("http://127.0.0.1:1/"), "a port where nobody listens");
  await rejects("TypeError", fetch("/nonsense"), "what is not HTTP");
  await rejects("TypeError", (await fetch("/half")).text(), "a body that breaks off");
  await rejects("TypeError", (await fetch("/large")).bytes(), "a body that is too large");

  // Aborting, before, while and behind the head.
  equal(await fetch("/echo", { signal: AbortSignal.abort(1) }).catch((reason) => reason), 1);
  await rejects("TimeoutError", fetch("/mute", { signal: AbortSignal.timeout(20) }));
  const controller = new AbortController();
  const silent = await fetch("/silent", { signal: controller.signal });
  setTimeout(() => controller.abort(), 10);
  await rejects("AbortError", silent.text());

  // Nobody waits for another.
  const started = performance.now();
  let turns = 0;
  const interval = setInterval(() => turns++, 1);
  await Promise.allSettled([1, 2, 3].map(() => fetch("/mute", { signal: AbortSignal.timeout(100) })));
  clearInterval(interval);
  equal(performance.now() - started < 5000 && turns > 1, true);
  done();
})();
