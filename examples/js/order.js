// What runs when: tasks, microtasks between two listeners, timers, and exceptions that stop nothing.
// Needs `echo_server`.
"use strict";

const server = location.host ? location.origin.replace(/^http/, "ws") : "ws://127.0.0.1:9001";

const states = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
const socket = new WebSocket(server);
const say = (text) => console.log(`${states[socket.readyState].padEnd(10)} ${text}`);

socket.addEventListener("open", () => {
  say("first listener of open");
  Promise.resolve().then(() => say("  its microtask runs before the second listener"));
});
socket.addEventListener("open", () => {
  say("second listener of open, which throws");
  throw new Error("thrown on purpose");
});
socket.onopen = () => {
  say("onopen: its place is where it was first set");
  socket.send("hello");
  say(`  sent; ${socket.bufferedAmount} bytes are buffered until the task is over`);
};
socket.onmessage = ({ data }) => {
  say(`message: ${data}`);
  socket.close();
  say("  close() was called: nothing has happened yet, but for the state");
  queueMicrotask(() => say("  a microtask"));
};
socket.onerror = () => say("error: never seen here");
socket.onclose = ({ wasClean }) => {
  say(`close: it was ${wasClean ? "" : "not "}clean`);
  setTimeout(() => say("a timer, after the end"), 0);
};

self.addEventListener("error", (event) => {
  event.preventDefault();
  console.log(`           (caught at the very outside: ${event.message})`);
});

say("the script is over");
