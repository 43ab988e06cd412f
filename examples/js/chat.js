// Two people in a room with an echo. The same in both editions.
//
//   cargo run --example echo_server
//   cargo run -p dom-websocket-shell --bin js -- --engine boa examples/js/chat.js
//
// `--base-url http://HOST:PORT` names another echo server, here and in the other scripts.
"use strict";

const server = location.host ? location.origin.replace(/^http/, "ws") : "ws://127.0.0.1:9001";

const lines = [
  ["Ada", "Hello? Is anybody here?"],
  ["Ben", "Just me. And an echo."],
  ["Ada", "Then let's give it something nice: Grüße, 世界, 👋!"],
  ["Ben", "It came back whole. Good night, Ada."],
];

const room = new WebSocket(`${server}/room`);

function sayNext() {
  const next = lines.shift();
  if (!next) {
    room.close();
    return;
  }
  const [from, text] = next;
  room.send(JSON.stringify({ from, text }));
}

room.onopen = () => {
  console.log("-- the door opens");
  sayNext();
};
room.onmessage = ({ data }) => {
  const { from, text } = JSON.parse(data);
  console.log(`${from}: ${text}`);
  setTimeout(sayNext, 10);
};
room.onclose = ({ wasClean }) => {
  console.log(wasClean ? "-- the door closes" : "-- the door falls off its hinges");
};
