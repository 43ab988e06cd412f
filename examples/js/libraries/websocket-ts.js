// websocket-ts: another that comes back, and buffers meanwhile.
import { ArrayQueue, ConstantBackoff, WebsocketBuilder, WebsocketEvent } from "websocket-ts";
import { bytes, cut, greeting, picture, say, ws } from "./stage.js";

let visits = 0;
new WebsocketBuilder(ws)
  .withBackoff(new ConstantBackoff(50))
  .withBuffer(new ArrayQueue())
  .onOpen((socket) => {
    // It belongs to the connection.
    socket.binaryType = "arraybuffer";
    say("open");
    visits += 1;
    socket.send(greeting);
    socket.send(picture);
  })
  .onMessage((socket, { data }) => {
    say(typeof data === "string" ? data : bytes(data));
    if (typeof data === "string") return;
    if (visits === 1) cut();
    else socket.close(1000, "enough");
  })
  .onReconnect(() => say("connected anew"))
  .onClose((_, { code }) => say(`closed: ${code}`))
  .build();
