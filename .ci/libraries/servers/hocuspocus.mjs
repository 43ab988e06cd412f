import { createRequire } from "node:module";
import { accepting, freePort } from "../program.mjs";

// Yjs minds being there twice: as what it is for the other server.
const { Server } = createRequire(import.meta.url)("@hocuspocus/server");

export default async () => {
  const port = await freePort();
  await new Server({ port, address: "127.0.0.1", quiet: true, stopOnSignals: false }).listen();
  return accepting(port);
};
