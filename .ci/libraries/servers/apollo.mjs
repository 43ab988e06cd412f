export { default } from "./graphql-ws.mjs";
