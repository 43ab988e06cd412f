import { createRequire } from "node:module";
import { freePort, accepting } from "../program.mjs";

const require = createRequire(import.meta.url);
const { RSocketServer, BufferEncoders } = require("rsocket-core");
const { default: RSocketWebSocketServer } = require("rsocket-websocket-server");
const { Single } = require("rsocket-flowable");

export default async () => {
  const port = await freePort();
  new RSocketServer({
    getRequestHandler: () => ({ requestResponse: ({ data }) => Single.of({ data }) }),
    transport: new RSocketWebSocketServer({ host: "127.0.0.1", port }, BufferEncoders),
  }).start();
  return accepting(port);
};
