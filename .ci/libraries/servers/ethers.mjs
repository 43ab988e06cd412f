import { createRequire } from "node:module";
import { freePort } from "../program.mjs";

const ganache = createRequire(import.meta.url)("ganache");

// It mixes payments up that come at once.
export const alone = true;

// A chain of its own.
export default async () => {
  const port = await freePort();
  const server = ganache.server({ logging: { quiet: true } });
  await server.listen(port, "127.0.0.1");
  return port;
};
