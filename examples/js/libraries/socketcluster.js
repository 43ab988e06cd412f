// SocketCluster: procedures, and channels that are subscribed to again after the cut. Everything is consumed as an async iterable.
import { create } from "socketcluster-client";
import { cut, greeting, say } from "./stage.js";

const socket = create({
  hostname: location.hostname,
  port: Number(location.port),
  autoReconnectOptions: { initialDelay: 50, randomness: 10 },
});
let visits = 0;

(async () => {
  for await (const _ of socket.listener("connect")) {
    visits += 1;
    say("connected");
    say(await socket.invoke("echo", greeting));
  }
})();
(async () => {
  for await (const _ of socket.listener("subscribe")) await socket.transmitPublish("texts", `text ${visits}`);
})();
(async () => {
  for await (const text of socket.subscribe("texts")) {
    say(text);
    if (visits === 1) cut();
    else socket.disconnect(1000, "enough");
  }
})();
(async () => {
  for await (const { code } of socket.listener("disconnect")) say(`disconnected: ${code}`);
})();
(async () => {
  for await (const _ of socket.listener("error"));
})();
