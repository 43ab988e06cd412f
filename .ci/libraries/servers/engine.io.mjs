import { Server } from "engine.io";
import { createServer } from "node:http";
import { listening } from "../front.mjs";

export default () => {
  const http = createServer();
  const engine = new Server();
  engine.attach(http);
  engine.on("connection", (socket) => {
    socket.on("message", (data) => socket.send(data));
  });
  return listening(http);
};
