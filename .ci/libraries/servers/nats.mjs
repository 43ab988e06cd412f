import { writeFileSync } from "node:fs";
import { accepting, folder, freePort, start } from "../program.mjs";

export default async () => {
  const port = await freePort();
  const file = `${folder()}/nats.conf`;
  writeFileSync(file, `listen: "127.0.0.1:-1"\nlog_file: "/dev/null"\nwebsocket { listen: "127.0.0.1:${port}", no_tls: true }\n`);
  start(["nats-server", "-c", file]);
  return accepting(port);
};
