import { Aedes } from "aedes";
import { WebSocketServer, createWebSocketStream } from "ws";
import { createServer } from "node:http";
import { listening } from "../front.mjs";

// All of them have the same names for themselves and for what they speak of.
export const alone = true;

export default async () => {
  const broker = await Aedes.createBroker();
  const http = createServer();
  new WebSocketServer({ server: http, handleProtocols: () => "mqtt" }).on("connection", (socket, request) => {
    broker.handle(createWebSocketStream(socket), request);
  });
  return listening(http);
};
