import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { createServer } from "node:http";
import { listening } from "../front.mjs";
import { schema } from "../graphql.mjs";

export default () => {
  const http = createServer();
  useServer({ schema }, new WebSocketServer({ server: http, path: "/graphql" }));
  return listening(http);
};
