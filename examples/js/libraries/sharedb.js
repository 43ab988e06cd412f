// ShareDB: a document of JSON that is changed on both sides of a cut, on reconnecting-websocket, as its documentation has it.
import ReconnectingWebSocket from "reconnecting-websocket";
import { Connection } from "sharedb/lib/client";
import { cut, greeting, say, ws } from "./stage.js";

const socket = new ReconnectingWebSocket(ws, [], { minReconnectionDelay: 50, maxReconnectionDelay: 100 });
const connection = new Connection(socket);
const doc = connection.get("letters", String(Math.random()));
const done = (operation) =>
  new Promise((resolve, reject) => operation((error) => (error ? reject(error) : resolve())));

(async () => {
  await done((then) => doc.create({ lines: [] }, then));
  say(`created: version ${doc.version}`);
  await done((then) => doc.submitOp([{ p: ["lines", 0], li: greeting }], then));
  const lost = new Promise((resolve) => connection.once("disconnected", resolve));
  cut();
  await lost;
  await done((then) => doc.submitOp([{ p: ["lines", 1], li: "said in between" }], then));
  say(`version ${doc.version}: ${doc.data.lines.join("; ")}`);
  connection.once("disconnected", () => say("disconnected"));
  connection.close();
})();
