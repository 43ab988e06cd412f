// reconnecting-websocket: a WebSocket that comes back. What is sent meanwhile is sent then.
import ReconnectingWebSocket from "reconnecting-websocket";
import { bytes, cut, greeting, picture, say, ws } from "./stage.js";

const socket = new ReconnectingWebSocket(ws, [], { minReconnectionDelay: 50, maxReconnectionDelay: 100 });
socket.binaryType = "arraybuffer";
let visits = 0;

socket.addEventListener("open", () => {
  say("open");
  visits += 1;
  socket.send(greeting);
  socket.send(picture);
});
socket.addEventListener("message", ({ data }) => {
  say(typeof data === "string" ? data : bytes(data));
  if (typeof data === "string") return;
  if (visits === 1) cut();
  else socket.close(1000, "enough");
});
socket.addEventListener("close", ({ code }) => {
  say(`closed: ${code}`);
  if (visits === 1) socket.send("said in between");
});
