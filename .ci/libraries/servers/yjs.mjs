import { createRequire } from "node:module";
import { WebSocketServer } from "ws";
import { createServer } from "node:http";
import { listening } from "../front.mjs";

// The server that comes with it; its program has nothing more.
const require = createRequire(import.meta.url);
const { setupWSConnection } = require("y-websocket/bin/utils");

export default () => {
  const http = createServer();
  new WebSocketServer({ server: http }).on("connection", setupWSConnection);
  return listening(http);
};
