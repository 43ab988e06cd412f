// Fetch section 5.6, "Fetch method" (https://fetch.spec.whatwg.org/#fetch-method), over http: and https:. There is no CORS, no
// cookie, no cache and no proxy.
(function (page) {
  "use strict";
  const { calls, host } = page;
  const { Request, URL } = globalThis;
  const origin = host("origin");

  // What waits for Rust, by number: [resolve, reject] of the response, and then of its body.
  const waiting = new Map();
  let last = 0;

  page.define("fetch", async function fetch(input, init = {}) {
    page.requires(arguments, 1, "fetch");
    const request = new Request(input, init);
    const { method, signal, redirect } = request;
    signal.throwIfAborted();
    const [url] = request.url.split("#");
    if (!/^https?:/.test(url)) throw new TypeError(`fetch: ${url.split(":")[0]}: is neither http: nor https:`);
    const body = page.bodyOfRequest(request);
    const hasBody = body.source !== null;
    const bytes = hasBody ? await page.consume(body) : new Uint8Array();
    signal.throwIfAborted();

    const number = String(++last);
    const headers = page.headers.listOf(request.headers);
    // "Append a request `Origin` header".
    if (!/^(GET|HEAD)$/.test(method) || new URL(url).origin !== origin) headers.push(["Origin", origin]);
    return new Promise((resolve, reject) => {
      const abort = () => {
        host("abort fetch", number);
        end(number, 1, signal.reason);
      };
      waiting.set(number, { settle: [resolve, reject], stop: () => signal.removeEventListener("abort", abort), redirect });
      signal.addEventListener("abort", abort);
      const description = [method, request.url, headers, redirect, hasBody];
      host("fetch", number, JSON.stringify(description), page.textOfBytes(bytes));
    });
  }, true);

  // Settles what waits for the last time: with 0 it is resolved, with 1 rejected.
  function end(number, how, value) {
    const { settle, stop } = waiting.get(number) ?? {};
    if (!settle) return;
    waiting.delete(number);
    stop();
    settle[how](value);
  }

  // Rust's answers begin with the number.
  const split = (answer) => {
    const space = answer.indexOf(" ");
    return [answer.slice(0, space), answer.slice(space + 1)];
  };

  const isRedirect = (status) => [301, 302, 303, 307, 308].includes(status);

  calls.fetchResponded = (json) => {
    const { number, ...response } = JSON.parse(json);
    const fetching = waiting.get(number);
    // It has been aborted.
    if (!fetching) return;
    const [resolve] = fetching.settle;
    const isNull = [101, 204, 205, 304].includes(response.status);
    const source = new Promise((...settle) => { fetching.settle = settle; });
    const isFiltered = fetching.redirect === "manual" && isRedirect(response.status);
    resolve(page.createResponse(isFiltered
      ? { type: "opaqueredirect", status: 0, url: response.url }
      : { type: "basic", ...response, source: isNull ? null : source }));
  };

  calls.fetchEnded = (answer) => {
    const [number, text] = split(answer);
    end(number, 0, page.bytesOfText(text));
  };

  calls.fetchFailed = (answer) => {
    const [number, message] = split(answer);
    end(number, 1, new TypeError(`fetch failed: ${message}`));
  };
})
