// For the example `async_context`, with `cargo run --example echo_server` beside it: a socket among timers and promises.
import { WebSocket } from "websocket";

const socket = new WebSocket(globalThis.address ?? "ws://127.0.0.1:9001/");
const next = (type) => new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

await next("open");
console.log("open");
const ticking = setInterval(() => console.log("tick"), 100);
await pause(250);
clearInterval(ticking);
socket.send("hello");
console.log((await next("message")).data);
socket.close();
const { code, wasClean } = await next("close");
console.log("closed", code, wasClean);
