// NATS: a responder, who is asked. Its protocol is text in binary messages; a payload is bytes.
import { wsconnect } from "@nats-io/nats-core";
import { bytes, cut, greeting, picture, say, ws } from "./stage.js";

(async () => {
  const connection = await wsconnect({ servers: ws, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  say("connected");
  connection.subscribe("mirror", { callback: (_, message) => message.respond(message.data) });

  async function ask() {
    say((await connection.request("mirror", greeting)).string());
    say(bytes((await connection.request("mirror", picture)).data));
  }
  await ask();
  const reconnected = (async () => {
    for await (const { type } of connection.status()) {
      if (type === "disconnect" || type === "reconnect") say(type);
      if (type === "reconnect") return;
    }
  })();
  cut();
  await reconnected;
  await ask();
  await connection.drain();
  say(connection.isClosed() ? "drained, closed" : "not closed");
})();
