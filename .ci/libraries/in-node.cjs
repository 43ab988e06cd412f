// in-node.cjs SCRIPT URL: runs a bundle in Node, with the WebSocket of undici: what it prints there is what it has to print.
const { readFileSync } = require("node:fs");
const { runInThisContext } = require("node:vm");
const { WebSocket } = require("undici");

const [script, url] = process.argv.slice(2);
// Some of it Node has itself from some version on; a library that knows Node requires there what it has no need of in a page.
const page = { require, WebSocket, location: new URL(url), navigator: { language: "en" }, self: globalThis };
const global = new EventTarget();
for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) page[name] = global[name].bind(global);
for (const name in page) globalThis[name] ??= page[name];
runInThisContext(readFileSync(script, "utf8"), script);
