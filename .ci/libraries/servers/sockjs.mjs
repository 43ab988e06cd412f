import sockjs from "sockjs";
import { createServer } from "node:http";
import { listening } from "../front.mjs";

export default () => {
  const http = createServer();
  const echo = sockjs.createServer({ log() {} });
  echo.on("connection", (socket) => socket.on("data", (data) => socket.write(data)));
  echo.installHandlers(http, { prefix: "/echo" });
  return listening(http);
};
