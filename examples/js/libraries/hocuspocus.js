// Hocuspocus: Yjs documents on a server of its own. What is written while there is no connection is there in the end.
import { HocuspocusProvider } from "@hocuspocus/provider";
import { Doc } from "yjs";
import { cut, greeting, say, until, ws } from "./stage.js";

const name = `lines-${Math.random()}`;

function person() {
  const document = new Doc();
  const provider = new HocuspocusProvider({ url: ws, name, document, delay: 50, minDelay: 50 });
  return { provider, lines: document.getArray("lines") };
}

(async () => {
  const [ada, ben] = [person(), person()];
  await until(() => ada.provider.synced && ben.provider.synced);
  ada.lines.push([greeting]);
  await until(() => ben.lines.length === 1);
  say(ben.lines.get(0));
  cut();
  await until(() => !ada.provider.synced);
  ada.lines.push(["said in between"]);
  await until(() => ben.lines.length === 2);
  say(ben.lines.get(1));
  ada.provider.destroy();
  ben.provider.destroy();
})();
