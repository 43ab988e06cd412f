import { execute, subscribe } from "graphql";
import subscriptions from "subscriptions-transport-ws";
import { createServer } from "node:http";
import { listening } from "../front.mjs";
import { schema } from "../graphql.mjs";

export default () => {
  const http = createServer();
  subscriptions.SubscriptionServer.create({ schema, execute, subscribe }, { server: http, path: "/graphql" });
  return listening(http);
};
