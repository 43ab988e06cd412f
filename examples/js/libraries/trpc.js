// tRPC: a query, and a subscription that the cut tears and that goes on where it was: each of its items is numbered.
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { cut, greeting, say, ws } from "./stage.js";

const connection = createWSClient({ url: ws, retryDelayMs: () => 50, onOpen: () => say("open") });
const client = createTRPCClient({ links: [wsLink({ client: connection })] });
let isCut = false;
let isTorn = false;

(async () => {
  say(await client.echo.query(greeting));
  let last = 0;
  const counting = client.count.subscribe(undefined, {
    async onData({ data }) {
      if (data !== ++last) say(`${data}, not ${last}`);
      if (data === 2) {
        isCut = true;
        cut();
      }
      if (!isTorn) return;
      isTorn = false;
      say("it goes on");
      counting.unsubscribe();
      say(await client.echo.query("good night"));
      await connection.close();
      say("closed");
    },
    onConnectionStateChange({ state }) {
      if (!isCut || state !== "connecting") return;
      isCut = false;
      isTorn = true;
      say("torn");
    },
  });
})();
