// What the scripts beside it share. Each has a library of others speak to that library's own server, by way of a proxy that cuts
// connections when it is asked to: `.ci/libraries/run` bundles them, starts both and runs them. spec-notes/libraries.md has more.

/** Where the server is. */
export const http = location.origin;
export const ws = http.replace(/^http/, "ws");

export const greeting = "Grüße, 世界, 👋";
/** A picture to send, as bytes. */
export const picture = Uint8Array.of(0, 60, 126, 255, 128, 10, 13, 0);

/** Bytes of any kind, in decimal. */
export function bytes(data) {
  if (data instanceof ArrayBuffer) data = new Uint8Array(data);
  return Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).join(" ");
}

export function say(text) {
  console.log(text);
}

/** Resolves once the condition is met. */
export function until(condition) {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!condition()) return;
      clearInterval(timer);
      resolve();
    }, 10);
  });
}

/** Ends TCP under all connections to the server, without a word to either side. */
export function cut() {
  say("-- cut");
  new WebSocket(`${ws}/cut`).onerror = () => {};
}
