// partysocket: a fork of it, by whom it is maintained.
import { WebSocket as ReconnectingWebSocket } from "partysocket";
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
// Its own event says "close" for a code, but in Node.
socket.addEventListener("close", () => {
  say("closed");
  if (visits === 1) socket.send("said in between");
});
