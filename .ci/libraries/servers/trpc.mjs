import { initTRPC, tracked } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocketServer } from "ws";
import { createServer } from "node:http";
import { listening } from "../front.mjs";

const { procedure, router } = initTRPC.create();
const text = (value) => {
  if (typeof value !== "string") throw new Error("no text");
  return value;
};

const app = router({
  echo: procedure.input(text).query(({ input }) => input),
  // Each with its number, behind which the next subscription begins.
  count: procedure.input((value) => value).subscription(async function* ({ input, signal }) {
    for (let count = Number(input?.lastEventId ?? 0) + 1; !signal.aborted; count++) {
      yield tracked(String(count), count);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }),
});

export default () => {
  const http = createServer();
  applyWSSHandler({ wss: new WebSocketServer({ server: http }), router: app });
  return listening(http);
};
