// rpc-websockets: JSON-RPC, with notifications. It comes back by itself; who was subscribed subscribes again.
import "./window.js";
import { Client } from "rpc-websockets";
import { cut, greeting, say, ws } from "./stage.js";

const client = new Client(ws, { reconnect_interval: 50 });
let visits = 0;

client.on("open", async () => {
  say("open");
  visits += 1;
  say(await client.call("echo", [greeting]));
  await client.subscribe("bell");
  await client.call("ring");
});
client.on("bell", (sound) => {
  say(sound);
  if (visits === 1) cut();
  else client.close();
});
client.on("close", (code) => say(`closed: ${code}`));
