// A module: what it imports, a socket as an async iterator, and await at its top.
//
//   cargo run --example echo_server
//   cargo run -p dom-websocket-shell --bin js -- examples/js/modules.mjs
import { lines } from "./modules/lines.mjs";
import script from "./modules/script.json" with { type: "json" };

const server = location.host ? location.origin.replace(/^http/, "ws") : "ws://127.0.0.1:9001";

console.log("an echo of", script.title, "by", import.meta.url.split("/").pop());
const socket = new WebSocket(server);
await new Promise((resolve) => (socket.onopen = resolve));

const echoes = lines(socket);
for (const line of script.lines) {
  socket.send(line);
  const { value } = await echoes.next();
  console.log(`${line} - ${value}`);
}

socket.close();
for await (const line of echoes) console.log("not asked for:", line);
const { farewell } = await import("./modules/farewell.mjs");
console.log(farewell);
