"use strict";
shape(Headers, {
  append: 2, delete: 1, get: 1, getSetCookie: 0, has: 1, set: 2, entries: 0, keys: 0, values: 0, forEach: 1,
});
const headers = new Headers({ "X-B": " 2\t", "x-a": "1" });
headers.append("X-b", "3");
equal([...headers], [["x-a", "1"], ["x-b", "2, 3"]]);
equal([headers.get("X-A"), headers.get("x-c"), headers.has("x-B")], ["1", null, true]);
headers.set("x-b", "4");
headers.delete("X-A");
equal([...headers.entries()], [["x-b", "4"]]);
headers.append("Set-Cookie", "a=1");
headers.append("set-cookie", "b=2");
equal(headers.getSetCookie(), ["a=1", "b=2"]);
equal([...headers.keys()], ["set-cookie", "set-cookie", "x-b"]);
equal([...new Headers([["a", "1"], ["a", "2"]]).values()], ["1, 2"]);
equal([...new Headers(headers)].length, 3);
throws("TypeError", () => new Headers([["a"]]));
throws("TypeError", () => new Headers("a"));
throws("TypeError", () => headers.append("a b", "1"));
throws("TypeError", () => headers.append("", "1"));
throws("TypeError", () => headers.set("a", "1\r\nb: 2"));
throws("TypeError", () => headers.set("a", "€"));
throws("TypeError", () => headers.get());
done();
