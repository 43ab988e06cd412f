// graphql-ws: a query, and a subscription that goes on over the cut: it subscribes anew, so that the server counts anew.
import { createClient } from "graphql-ws";
import { cut, greeting, say, ws } from "./stage.js";

const client = createClient({
  url: `${ws}/graphql`,
  lazy: false,
  // A cut is an `error` first, after which it gives up unless told otherwise.
  shouldRetry: () => true,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  on: {
    connected: (socket) => say(`connected, ${socket.protocol}`),
    closed: ({ code, wasClean }) => say(`closed: ${code}, ${wasClean ? "clean" : "not clean"}`),
  },
});

(async () => {
  const query = "query ($text: String) { echo(text: $text) }";
  for await (const { data } of client.iterate({ query, variables: { text: greeting } })) {
    say(data.echo);
  }
  let last = 0;
  let isCut = false;
  for await (const { data } of client.iterate({ query: "subscription { count }" })) {
    // Some may still have been on their way.
    if (isCut && last && data.count > last) {
      last = data.count;
      continue;
    }
    say(data.count);
    if (isCut) break;
    last = data.count;
    if (last === 2) {
      isCut = true;
      cut();
    }
  }
  await client.dispose();
})();
