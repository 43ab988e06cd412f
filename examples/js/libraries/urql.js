// urql on graphql-ws: a subscription that goes on over the cut.
import { Client, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { cut, say, ws } from "./stage.js";

const connection = createClient({
  url: `${ws}/graphql`,
  shouldRetry: () => true,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  on: { connected: () => say("connected") },
});
const forwardSubscription = ({ query, variables }) => ({
  subscribe: (sink) => ({ unsubscribe: connection.subscribe({ query, variables }, sink) }),
});
const client = new Client({
  url: `${ws}/graphql`,
  exchanges: [subscriptionExchange({ forwardSubscription })],
});
let last = 0;
let isCut = false;

const counting = client.subscription(gql`subscription { count }`, {}).subscribe(({ data }) => {
  // Some may still have been on their way.
  if (isCut && data.count > last) return;
  say(data.count);
  last = data.count;
  if (isCut) {
    counting.unsubscribe();
    connection.dispose();
  } else if (last === 2) {
    isCut = true;
    cut();
  }
});
