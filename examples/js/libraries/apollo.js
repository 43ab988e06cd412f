// Apollo Client on GraphQLWsLink: a query, its cache, and a subscription that goes on over the cut.
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import { cut, greeting, say, ws } from "./stage.js";

const connection = createClient({
  url: `${ws}/graphql`,
  shouldRetry: () => true,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  on: { connected: () => say("connected") },
});
const client = new ApolloClient({ link: new GraphQLWsLink(connection), cache: new InMemoryCache() });
let last = 0;
let isCut = false;

(async () => {
  const question = { query: gql`query ($text: String) { echo(text: $text) }`, variables: { text: greeting } };
  say((await client.query(question)).data.echo);
  say(client.readQuery(question).echo);
  const counting = client.subscribe({ query: gql`subscription { count }` }).subscribe(({ data }) => {
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
})();
