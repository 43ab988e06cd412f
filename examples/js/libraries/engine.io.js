// engine.io: what is below socket.io. It has no reconnection: whoever uses it opens another.
import { Socket } from "engine.io-client";
import { bytes, cut, greeting, http, picture, say } from "./stage.js";

function visit(leave) {
  const socket = new Socket(http, { transports: ["websocket"] });
  socket.binaryType = "arraybuffer";
  socket.on("open", () => {
    say("open");
    socket.send(greeting);
    socket.send(picture);
  });
  socket.on("message", (data) => {
    say(typeof data === "string" ? data : bytes(data));
    if (typeof data !== "string") leave(socket);
  });
  return new Promise((resolve) => socket.on("close", resolve));
}

(async () => {
  await visit(cut);
  say(await visit((socket) => socket.close()));
})();
