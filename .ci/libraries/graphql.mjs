// The schema of those who speak GraphQL.
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";

export const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query",
    fields: {
      echo: { type: GraphQLString, args: { text: { type: GraphQLString } }, resolve: (_, { text }) => text },
    },
  }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: {
      // Goes on until nobody listens.
      count: {
        type: GraphQLInt,
        async *subscribe() {
          for (let count = 1; ; count++) {
            yield { count };
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        },
      },
    },
  }),
});
