// RSocket: requests and responses in binary frames. A connection that is cut is over: a new one is opened.
import "./window.js";
import { RSocketClient } from "rsocket-core";
import RSocketWebSocketClient from "rsocket-websocket-client";
import { cut, greeting, say, ws } from "./stage.js";

function visit() {
  const client = new RSocketClient({
    setup: { dataMimeType: "text/plain", metadataMimeType: "text/plain", keepAlive: 60_000, lifetime: 180_000 },
    transport: new RSocketWebSocketClient({ url: ws }),
  });
  return new Promise((resolve, reject) => {
    client.connect().subscribe({
      onComplete(socket) {
        say("connected");
        socket.requestResponse({ data: greeting }).subscribe({
          onComplete({ data }) {
            say(data);
            resolve({ client, socket });
          },
          onError: reject,
        });
      },
      onError: reject,
    });
  });
}

const closed = (socket) =>
  new Promise((resolve) => {
    socket.connectionStatus().subscribe({
      onNext: ({ kind }) => (kind === "CLOSED" || kind === "ERROR") && resolve(kind),
      onSubscribe: (subscription) => subscription.request(10),
    });
  });

(async () => {
  const first = await visit();
  const lost = closed(first.socket);
  cut();
  await lost;
  say("lost");
  const second = await visit();
  const left = closed(second.socket);
  second.client.close();
  say(await left);
})();
