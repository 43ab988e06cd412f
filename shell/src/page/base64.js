// HTML "Base64 utility methods" (https://html.spec.whatwg.org/multipage/webappapis.html#atob).
(function (page) {
  "use strict";
  const { define, exception, host } = page;

  define("btoa", function btoa(data) {
    page.requires(arguments, 1, "btoa");
    data = `${data}`;
    if (/[^\0-\xff]/.test(data)) {
      throw exception("InvalidCharacterError", "btoa: a character is greater than 255");
    }
    return host("encode base64", data);
  }, true);

  define("atob", function atob(data) {
    page.requires(arguments, 1, "atob");
    const decoded = host("decode base64", `${data}`);
    if (decoded === undefined) throw exception("InvalidCharacterError", "atob: this is no base64");
    return decoded;
  }, true);
})
