"use strict";
shape(Request, { method: undefined, url: undefined, headers: undefined, redirect: undefined, signal: undefined, clone: 0, bodyUsed: undefined });
shape(Response, { type: undefined, url: undefined, redirected: undefined, status: undefined, ok: undefined, statusText: undefined, headers: undefined, clone: 0 });
equal([Request.length, Response.length, fetch.length], [1, 0, 1]);

const request = new Request("/x", { method: "post", body: new URLSearchParams({ a: "ä" }), headers: { "X-A": "1", Cookie: "c" } });
equal([request.method, request.url, request.redirect, request.headers.get("x-a")], ["POST", "https://example.com/x", "follow", "1"]);
equal(request.headers.get("content-type"), "application/x-www-form-urlencoded;charset=UTF-8");
// A client has that to say itself.
equal(request.headers.has("cookie"), false);
equal(new Request("/x", { method: "patch" }).method, "patch");
for (const init of [{ method: "TRACE" }, { method: "a b" }, { body: "x" }, { redirect: "often" }, { signal: {} }]) {
  throws("TypeError", () => new Request("/x", init), JSON.stringify(init));
}
throws("TypeError", () => new Request("http://user@h/"));
throws("TypeError", () => new Request("http://"));

throws("RangeError", () => new Response("", { status: 199 }));
throws("TypeError", () => new Response("", { status: 204 }));
throws("TypeError", () => new Response("", { statusText: "\n" }));
equal([Response.error().type, Response.error().status], ["error", 0]);
equal([Response.redirect("/y", 307).status, Response.redirect("/y").headers.get("location")], [307, "https://example.com/y"]);
throws("TypeError", () => Response.error().headers.append("a", "b"));
equal(Response.json({ a: 1 }).headers.get("content-type"), "application/json");

(async () => {
  const controller = new AbortController();
  const aborted = new Request("/x", { signal: controller.signal });
  controller.abort();
  equal(aborted.signal.aborted, true);

  const copy = request.clone();
  const moved = new Request(request);
  equal([request.bodyUsed, copy.bodyUsed, moved.bodyUsed], [true, false, false]);
  equal([await copy.text(), await moved.text()], ["a=%C3%A4", "a=%C3%A4"]);
  await rejects("TypeError", request.text());
  throws("TypeError", () => request.clone());

  const response = new Response("\ufeff{\"a\":[1]}", { status: 201, headers: { "content-type": "text/x" } });
  equal([response.ok, response.status, response.type], [true, 201, "default"]);
  const again = response.clone();
  equal(await response.json(), { a: [1] });
  equal(response.bodyUsed, true);
  await rejects("TypeError", response.json());
  const blob = await again.blob();
  equal([blob.size, blob.type], [12, "text/x"]);
  equal([...(await new Response(new Uint16Array([1, 2])).bytes())], [1, 0, 2, 0]);
  equal((await new Response(new Blob(["abc"])).arrayBuffer()).byteLength, 3);
  equal(await new Response().text(), "");
  await rejects("SyntaxError", new Response("{").json());
  await rejects("TypeError", Response.prototype.text.call({}));
  await rejects("TypeError", fetch("ftp://h/"));
  await rejects("TypeError", fetch("data:,x"));
  done();
})();
