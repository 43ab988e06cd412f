export { alone, default } from "./mqtt.mjs";
