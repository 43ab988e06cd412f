"use strict";
equal(btoa("héllo"), "aOlsbG8=");
equal(btoa(""), "");
equal(btoa(null), "bnVsbA==");
throws("InvalidCharacterError", () => btoa("€"));
throws("InvalidCharacterError", () => btoa("\ud800"));
throws("TypeError", () => btoa());

equal(atob("aOlsbG8="), "héllo");
equal(atob(" a G\tk\n\f\r="), "hi");
equal(atob("aGk"), "hi");
// Bits that are no whole byte.
equal(atob("aGl"), "hi");
for (const wrong of ["a", "aGk==", "aGk===", "=", "aG=k", "aG-_", "aGk\v", "é"]) {
  throws("InvalidCharacterError", () => atob(wrong), wrong);
}
throws("InvalidCharacterError", () => atob(undefined));
const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");
equal(atob(btoa(bytes)), bytes);
done();
