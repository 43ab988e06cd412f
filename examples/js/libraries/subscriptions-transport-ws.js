// subscriptions-transport-ws: what was before graphql-ws, and is in use still. A subscription that goes on over the cut.
import { SubscriptionClient } from "subscriptions-transport-ws";
import { cut, greeting, say, ws } from "./stage.js";

const client = new SubscriptionClient(`${ws}/graphql`, { reconnect: true, minTimeout: 1000 });
let last = 0;
let isCut = false;

client.onConnected(() => say("connected"));
client.onReconnected(() => say("connected anew"));
const variables = { text: greeting };
client.request({ query: "query ($text: String) { echo(text: $text) }", variables }).subscribe({
  next({ data }) {
    say(data.echo);
    client.request({ query: "subscription { count }" }).subscribe({ next: ({ data }) => count(data.count) });
  },
});

function count(number) {
  // Some may still have been on their way.
  if (isCut && number > last) return;
  say(number);
  last = number;
  if (isCut) return client.close();
  if (number < 2) return;
  isCut = true;
  cut();
}
client.onDisconnected(() => say("disconnected"));
