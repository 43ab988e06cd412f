// Action Cable of Rails: a channel whose other side is Ruby. It comes back once it has not heard the server's ping for a while.
import { ConnectionMonitor, createConsumer } from "@rails/actioncable";
import { cut, greeting, say, ws } from "./stage.js";

// The monitor looks whether its page is seen.
globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
// Seconds; the server pings every three.
ConnectionMonitor.staleThreshold = 4;

const consumer = createConsumer(`${ws}/cable`);
let visits = 0;

const echo = consumer.subscriptions.create("EchoChannel", {
  connected() {
    say("connected");
    visits += 1;
    echo.perform("echo", { text: greeting });
  },
  received({ text }) {
    say(text);
    if (visits === 1) cut();
    else consumer.disconnect();
  },
  disconnected: () => say("disconnected"),
});
