// robust-websocket: one that comes back, and goes with the page's being online.
import RobustWebSocket from "robust-websocket";
import { bytes, cut, greeting, picture, say, ws } from "./stage.js";

const socket = new RobustWebSocket(ws, null, { automaticOpen: false, shouldReconnect: () => 50 });
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
socket.addEventListener("close", ({ code }) => say(`closed: ${code}`));
socket.open();
