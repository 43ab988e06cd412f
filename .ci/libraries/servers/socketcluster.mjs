import { createServer } from "node:http";
import { createRequire } from "node:module";
import { listening } from "../front.mjs";

const cluster = createRequire(import.meta.url)("socketcluster-server");

// All of them have the same names for themselves and for what they speak of.
export const alone = true;

export default () => {
  const http = createServer();
  const server = cluster.attach(http);
  (async () => {
    for await (const { socket } of server.listener("connection")) {
      (async () => {
        for await (const request of socket.procedure("echo")) request.end(request.data);
      })();
    }
  })();
  return listening(http);
};
