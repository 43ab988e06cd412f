"use strict";
shape(URL, {
  href: undefined, origin: undefined, protocol: undefined, username: undefined, password: undefined, host: undefined,
  hostname: undefined, port: undefined, pathname: undefined, search: undefined, searchParams: undefined, hash: undefined,
  toJSON: 0, toString: 0,
});
shape(URLSearchParams, {
  append: 2, delete: 1, get: 1, getAll: 1, has: 1, set: 2, sort: 0, size: undefined, entries: 0, keys: 0, values: 0,
  forEach: 1, toString: 0,
});

const url = new URL("../x?a=1&b=2#h", "http://user:pass@example.com:8080/y/z");
equal(url.href, "http://user:pass@example.com:8080/x?a=1&b=2#h");
equal([url.username, url.password, url.host, url.port, url.origin], ["user", "pass", "example.com:8080", "8080", "http://example.com:8080"]);
equal(JSON.stringify({ url }), JSON.stringify({ url: url.href }));
throws("TypeError", () => new URL("nowhere"));
throws("TypeError", () => new URL());
throws("TypeError", () => { url.href = "nowhere"; });
equal([URL.canParse("x", "http://h/"), URL.canParse("x"), URL.parse("x"), URL.parse("/x", "http://h/").href], [true, false, null, "http://h/x"]);

// The live link, both ways.
const { searchParams } = url;
equal(url.searchParams, searchParams);
searchParams.append("c", "ü &");
equal(url.search, "?a=1&b=2&c=%C3%BC+%26");
url.search = "?q=1";
equal([...searchParams], [["q", "1"]]);
url.href = "http://h/?r=2#s";
equal(searchParams.get("r"), "2");
searchParams.delete("r");
equal(url.href, "http://h/#s");
url.protocol = "wss";
url.hash = "";
equal(url.href, "wss://h/");
url.port = "nonsense";
equal(url.port, "");

const parameters = new URLSearchParams("?b=2&a=1&b=1&%F0%9F%98%80=x");
equal(parameters.size, 4);
equal([parameters.has("b"), parameters.has("b", "1"), parameters.has("b", "3")], [true, true, false]);
parameters.sort();
equal(`${parameters}`, "a=1&b=2&b=1&%F0%9F%98%80=x");
parameters.delete("b", "2");
equal(parameters.getAll("b"), ["1"]);
parameters.set("b", "9");
parameters.append("b", undefined);
parameters.set("b", "8");
equal(`${parameters}`, "a=1&b=8&%F0%9F%98%80=x");
equal(parameters.get("nothing"), null);
throws("TypeError", () => parameters.append("a"));

equal(`${new URLSearchParams({ a: 1, b: "x y" })}`, "a=1&b=x+y");
equal(`${new URLSearchParams([["a", "1"], new Set(["b", "2"])])}`, "a=1&b=2");
equal(`${new URLSearchParams(new URLSearchParams("a=b"))}`, "a=b");
equal(`${new URLSearchParams("\ud800")}`, "%EF%BF%BD=");
throws("TypeError", () => new URLSearchParams([["a"]]));
throws("TypeError", () => new URLSearchParams([1]));

// Iterators, which see what changes meanwhile.
const iterator = parameters[Symbol.iterator]();
equal(parameters.entries, parameters[Symbol.iterator]);
equal(Object.prototype.toString.call(iterator), "[object URLSearchParams Iterator]");
equal(iterator.next().value, ["a", "1"]);
parameters.delete("b");
equal([...iterator], [["😀", "x"]]);
equal([...parameters.keys(), ...parameters.values()], ["a", "😀", "1", "x"]);
const seen = [];
parameters.forEach(function (value, name, whole) {
  seen.push(value, name, whole === parameters, this.t);
}, { t: 5 });
equal(seen, ["1", "a", true, 5, "x", "😀", true, 5]);
throws("TypeError", () => parameters.entries.call({}));
throws("TypeError", () => iterator.next.call({}));
done();
