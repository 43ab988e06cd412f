// socket.io: events with an acknowledgement, and a picture both ways. What is emitted while there is no connection waits for the next.
import { io } from "socket.io-client";
import { bytes, cut, greeting, http, picture, say } from "./stage.js";

const socket = io(http, { transports: ["websocket"], reconnectionDelay: 50 });
let visits = 0;

socket.on("connect", async () => {
  say("connected");
  visits += 1;
  say(await socket.emitWithAck("echo", `${greeting} ${visits}`));
  socket.emit("draw", picture);
});
socket.on("picture", (picture, { of }) => {
  say(`${of}: ${bytes(picture)}`);
  if (visits === 1) cut();
  else socket.disconnect();
});
socket.on("disconnect", (reason) => {
  if (visits === 2) return say(`disconnected: ${reason}`);
  socket.emit("echo", "said in between", (answer) => say(answer));
});
