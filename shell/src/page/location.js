// The global object's names for itself, and where it is from.
(function (page) {
  "use strict";
  const { define, host } = page;

  // Not `window`: whoever finds that looks for a document.
  define("self", globalThis, true);
  define("quit", function quit(status = 0) {
    host("quit", String(page.toLong(status)));
  });

  // It never navigates.
  const address = new URL(host("address"));
  const location = {
    toString() { return address.href; },
  };
  for (const name of ["href", "origin", "protocol", "host", "hostname", "port", "pathname", "search", "hash"]) {
    Object.defineProperty(location, name, { get: () => address[name], enumerable: true });
  }
  page.nameObject(location, "Location");
  define("location", location, true);
  define("origin", host("origin"), true);
})
