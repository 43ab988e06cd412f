// webstomp-client: STOMP by another hand, of text only and without reconnection: whoever uses it connects again. The broker is RabbitMQ.
import webstomp from "webstomp-client";
import { cut, greeting, say, ws } from "./stage.js";

const destination = `/topic/${Math.random()}`;

function visit(leave) {
  return new Promise((resolve) => {
    const client = webstomp.client(`${ws}/ws`, { debug: false });
    const connected = () => {
      say("connected");
      client.subscribe(destination, ({ body }) => {
        say(body);
        leave(client, resolve);
      });
      client.send(destination, greeting);
    };
    client.connect({ login: "guest", passcode: "guest" }, connected, () => resolve("lost"));
  });
}

(async () => {
  say(await visit(cut));
  say(await visit((client, resolve) => client.disconnect(() => resolve("disconnected"))));
})();
