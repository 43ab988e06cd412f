// STOMP: a subscriber that hears what it publishes, as text and as bytes. The broker is RabbitMQ.
import { Client } from "@stomp/stompjs";
import { bytes, cut, greeting, picture, say, ws } from "./stage.js";

const client = new Client({
  brokerURL: `${ws}/ws`,
  connectHeaders: { login: "guest", passcode: "guest" },
  reconnectDelay: 50,
});
const destination = `/topic/${Math.random()}`;
let visits = 0;

client.onConnect = ({ headers }) => {
  say(`connected, STOMP ${headers.version}`);
  visits += 1;
  client.subscribe(destination, ({ headers, body, binaryBody }) => {
    if (headers.kind === "text") return say(body);
    say(bytes(binaryBody));
    if (visits === 1) cut();
    else client.deactivate();
  });
  client.publish({ destination, body: greeting, headers: { kind: "text" } });
  client.publish({ destination, binaryBody: picture, headers: { kind: "picture" } });
};
client.onDisconnect = () => say("disconnected");
client.onWebSocketClose = ({ wasClean }) => say(`closed, ${wasClean ? "clean" : "not clean"}`);
client.activate();
