export { default } from "./stomp.mjs";
