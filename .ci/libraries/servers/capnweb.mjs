import { RpcTarget, newWebSocketRpcSession } from "capnweb";
import { WebSocket, WebSocketServer } from "ws";
import { createServer } from "node:http";
import { listening } from "../front.mjs";

// It looks for the states there.
globalThis.WebSocket ??= WebSocket;

class Desk extends RpcTarget {
  echo(value) {
    return value;
  }
  // The other way round: the client is called.
  async ask(client) {
    return `${await client.name()} was asked`;
  }
}

export default () => {
  const http = createServer();
  new WebSocketServer({ server: http }).on("connection", (socket) => newWebSocketRpcSession(socket, new Desk()));
  return listening(http);
};
