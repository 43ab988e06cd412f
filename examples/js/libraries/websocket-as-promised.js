// websocket-as-promised: requests and answers. It does not come back by itself: it is opened anew.
import WebSocketAsPromised from "websocket-as-promised";
import { cut, greeting, say, ws } from "./stage.js";

const socket = new WebSocketAsPromised(ws, {
  packMessage: (data) => JSON.stringify(data),
  unpackMessage: (data) => JSON.parse(data),
  attachRequestId: (data, requestId) => ({ requestId, ...data }),
  extractRequestId: (data) => data?.requestId,
});

async function ask() {
  await socket.open();
  say("open");
  say((await socket.sendRequest({ greeting })).greeting);
}

(async () => {
  await ask();
  const closed = new Promise((resolve) => socket.onClose.addOnceListener(resolve));
  cut();
  say(`closed: ${(await closed).code}`);
  await ask();
  say(`closed: ${(await socket.close()).code}`);
})();
