// Eclipse Paho: MQTT by another hand. Whoever uses it subscribes anew after the cut.
import { Client, Message } from "paho-mqtt";
import { bytes, cut, greeting, picture, say } from "./stage.js";

const client = new Client(location.hostname, Number(location.port), "/", "switch");
let visits = 0;

function publish(topic, payload, qos) {
  const message = new Message(payload);
  message.destinationName = topic;
  message.qos = qos;
  client.send(message);
}

client.onConnected = (again) => {
  say(again ? "connected anew" : "connected");
  visits += 1;
  client.subscribe("lamp/#", { qos: 1, onSuccess: () => publish("lamp/text", greeting, 1) });
};
client.onMessageArrived = (message) => {
  if (message.destinationName === "lamp/text") {
    say(message.payloadString);
    publish("lamp/picture", picture, 2);
    return;
  }
  say(bytes(message.payloadBytes));
  if (visits === 1) cut();
  else client.disconnect();
};
client.onConnectionLost = ({ errorCode }) => say(errorCode ? "lost" : "disconnected");
client.connect({ reconnect: true, mqttVersion: 4 });
