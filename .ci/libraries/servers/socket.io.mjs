import { Server } from "socket.io";
import { createServer } from "node:http";
import { listening } from "../front.mjs";

export default () => {
  const http = createServer();
  new Server(http).on("connection", (socket) => {
    socket.on("echo", (...parameters) => parameters.pop()(...parameters));
    socket.on("draw", (picture) => socket.emit("picture", picture, { of: "socket.io" }));
  });
  return listening(http);
};
