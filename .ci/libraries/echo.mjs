// The server of those who bring none: an echo.
import { WebSocketServer } from "ws";
import { createServer } from "node:http";
import { listening } from "./front.mjs";

export default () => {
  const http = createServer();
  new WebSocketServer({ server: http }).on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return listening(http);
};
