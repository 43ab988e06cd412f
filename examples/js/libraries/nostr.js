// nostr: notes that are signed and checked in script. A relay that is cut is connected to again.
import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { Relay } from "nostr-tools/relay";
import { cut, greeting, say, ws } from "./stage.js";

const secret = generateSecretKey();
const note = (content) => finalizeEvent({ kind: 1, created_at: Math.floor(Date.now() / 1000), tags: [], content }, secret);

async function visit(content) {
  const relay = await Relay.connect(ws);
  say("connected");
  const filters = [{ authors: [getPublicKey(secret)] }];
  await new Promise((resolve) => {
    let published;
    // What the relay had before comes first.
    const oneose = () => (published = relay.publish(note(content)));
    const onevent = ({ content: heard }) => heard === content && published.then(resolve);
    relay.subscribe(filters, { oneose, onevent });
  });
  say(content);
  return relay;
}

(async () => {
  const relay = await visit(greeting);
  const lost = new Promise((resolve) => (relay.onclose = resolve));
  cut();
  await lost;
  say("lost");
  (await visit("good night")).close();
  say("closed");
})();
