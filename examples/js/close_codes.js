// What becomes of each way to close a connection. Needs `echo_server`.
"use strict";

const server = location.host ? location.origin.replace(/^http/, "ws") : "ws://127.0.0.1:9001";

const attempts = [
  [],
  [1000],
  [1000, "done"],
  [1001, "going away is for browsers to say"],
  [1005],
  [2999],
  [3000, "a library's code"],
  [4999, "an application's"],
  [5000],
  [3000.7, "fractions are rounded"],
  [-1],
  [4000, "é".repeat(61)],
  [4000, "é".repeat(62)],
];

const shown = (parameters) =>
  parameters.map((part) => JSON.stringify(part)).join(", ").replace(/é+/, ({ length }) => `é × ${length}`);

// Resolves with what was seen, in order.
function attempt(parameters, when) {
  return new Promise((resolve) => {
    const seen = [];
    const socket = new WebSocket(server);
    const close = () => {
      try {
        socket.close(...parameters);
      } catch (exception) {
        seen.push(exception.name);
        socket.close();
      }
    };
    if (when === "connecting") close();
    else socket.onopen = close;
    socket.onerror = () => seen.push("error");
    socket.onclose = ({ wasClean, code }) => {
      seen.push(`${wasClean ? "clean" : "not clean"}, ${code}`);
      resolve(seen.join("; "));
    };
  });
}

(async () => {
  for (const parameters of attempts) {
    console.log(`close(${shown(parameters)})  ->  ${await attempt(parameters)}`);
  }
  console.log(`close() before it is open  ->  ${await attempt([], "connecting")}`);
})();
