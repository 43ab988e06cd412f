// Yjs: two people edit one document, each by a connection of their own. Both are cut and write on; in the end both have the same.
import { WebsocketProvider } from "y-websocket";
import { Doc } from "yjs";
import { cut, greeting, say, until, ws } from "./stage.js";

const room = `lines-${Math.random()}`;

function person() {
  const doc = new Doc();
  const provider = new WebsocketProvider(ws, room, doc, { disableBc: true, maxBackoffTime: 100 });
  return { doc, provider, lines: doc.getArray("lines") };
}

(async () => {
  const [ada, ben] = [person(), person()];
  await until(() => ada.provider.synced && ben.provider.synced);
  ada.lines.push([greeting]);
  await until(() => ben.lines.length === 1);
  say(ben.lines.get(0));

  cut();
  await until(() => !ada.provider.wsconnected && !ben.provider.wsconnected);
  ada.lines.push(["Ada: nobody hears me"]);
  ben.lines.push(["Ben: nor me"]);
  await until(() => ada.lines.length === 3 && ben.lines.length === 3);
  say([...ada.lines].sort().join("\n"));
  say(JSON.stringify(ada.lines) === JSON.stringify(ben.lines) ? "both have the same" : "they differ");
  for (const { doc, provider } of [ada, ben]) {
    provider.destroy();
    doc.destroy();
  }
})();
