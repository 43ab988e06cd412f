// Cap'n Web: calls in both directions, objects and bytes as values. A session that is cut is over: a new one is opened.
// It wants streams, which an engine may lack.
import "web-streams-polyfill/polyfill";
import { RpcTarget, newWebSocketRpcSession } from "capnweb";
import { bytes, cut, greeting, picture, say, ws } from "./stage.js";

class Ada extends RpcTarget {
  name() {
    return "Ada";
  }
}

async function visit() {
  const desk = newWebSocketRpcSession(ws);
  say(await desk.echo(greeting));
  say(bytes(await desk.echo(picture)));
  say(await desk.ask(new Ada()));
  return desk;
}

(async () => {
  const desk = await visit();
  const broken = new Promise((resolve) => desk.onRpcBroken(resolve));
  cut();
  await broken;
  say("broken");
  (await visit())[Symbol.dispose]();
  say("disposed of");
})();
