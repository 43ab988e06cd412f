// MQTT.js: a lamp hears what it is told by way of a broker. All of it is binary. It comes back by itself, and is still subscribed.
import mqtt from "mqtt";
import { bytes, cut, greeting, picture, say, ws } from "./stage.js";

const client = mqtt.connect(ws, { clientId: "lamp", reconnectPeriod: 50, forceNativeWebSocket: true });
let visits = 0;

client.on("connect", async () => {
  say("connected");
  visits += 1;
  if (visits === 1) await client.subscribeAsync("lamp/#", { qos: 1 });
  client.publish("lamp/text", greeting, { qos: 1 });
});
client.on("message", (topic, payload) => {
  if (topic === "lamp/text") {
    say(`${topic}: ${payload}`);
    client.publish("lamp/picture", picture, { qos: 2 });
    return;
  }
  say(`${topic}: ${bytes(payload)}`);
  if (visits === 1) cut();
  else client.end(() => say("ended"));
});
client.on("close", () => say("closed"));
