// Servers that are programs of their own. They end with this process, and what they wrote goes with it.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { listening } from "./front.mjs";

const groups = [];
const folders = [];
process.on("exit", () => {
  for (const group of groups) {
    try {
      process.kill(-group, "SIGKILL");
    } catch {}
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** Resolves with a port that nobody listens at. */
export async function freePort() {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function folder() {
  const path = mkdtempSync(`${tmpdir()}/libraries-`);
  folders.push(path);
  return path;
}

export function start([program, ...parameters], environment = {}) {
  const env = { ...process.env, ...environment };
  const { pid } = spawn(program, parameters, { stdio: "ignore", env, detached: true });
  groups.push(pid);
}

/** Resolves with the port once somebody accepts connections there. */
export async function accepting(port) {
  const isAccepted = () =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
  while (!(await isAccepted())) await new Promise((resolve) => setTimeout(resolve, 50));
  return port;
}
