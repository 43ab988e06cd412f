import { Server } from "rpc-websockets";
import { freePort } from "../program.mjs";

// All of them have the same names for themselves and for what they speak of.
export const alone = true;

export default async () => {
  const port = await freePort();
  const server = new Server({ host: "127.0.0.1", port });
  server.register("echo", ([text]) => text);
  server.register("ring", () => {
    server.emit("bell", "it rings");
    return true;
  });
  server.event("bell");
  await new Promise((resolve) => server.on("listening", resolve));
  return port;
};
