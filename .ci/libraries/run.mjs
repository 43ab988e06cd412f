// run.mjs JS HOME ENGINE,... NAME...: runs the bundle of each library in each engine that the program JS has, and in Node, by way of a front
// of its own; holds what is printed against what has to be. HOME has the bundles, the expectations and what npm installed.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { front } from "./front.mjs";

const [js, home, engines, ...names] = process.argv.slice(2);

// Those that an engine's bug breaks, with its number in spec-notes/engines.md. They have to fail: who passes leaves the list.
const unmended = new Map();
for (const line of (await readFile(`${home}/unmended.txt`, "utf8")).trim().split("\n")) {
  const [name, engine, bug] = line.split(" ");
  unmended.set(`${name} ${engine}`, bug);
}

function command(engine, script, url) {
  return engine === "node"
    ? [process.execPath, `${home}/in-node.cjs`, script, url]
    : [js, "--hide-failures", "--engine", engine, "--base-url", url, script];
}

/** Resolves with what was printed, to both streams, and how it ended. */
function run([program, ...parameters], seconds) {
  return new Promise((resolve) => {
    const options = { stdio: ["ignore", "pipe", "pipe"], timeout: seconds * 1000, killSignal: "SIGKILL" };
    const child = spawn(program, parameters, options);
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (printed += text));
    }
    child.on("close", (status, signal) => {
      if (signal) printed += `-- ${signal}\n`;
      else if (status) printed += `-- exit status ${status}\n`;
      resolve(printed);
    });
  });
}

// All clients of a server share it, unless it wants each of them `alone`.
const servers = new Map();
const trials = [];
for (const name of names) {
  const { default: start, alone } = await import(`./servers/${name}.mjs`);
  if (!alone && !servers.has(start)) servers.set(start, start());
  for (const engine of engines.split(",")) trials.push({ name, engine, upstream: () => servers.get(start) ?? start() });
}

let failed = 0;
async function work() {
  for (let trial; (trial = trials.shift()); ) {
    const { name, engine, upstream } = trial;
    const bug = unmended.get(`${name} ${engine}`);
    const url = `http://127.0.0.1:${await front(await upstream())}/`;
    const began = performance.now();
    const printed = await run(command(engine, `${home}/bundles/${name}.js`, url), bug ? 10 : 120);
    const took = ((performance.now() - began) / 1000).toFixed(1);
    const expected = await readFile(`${home}/expected/${name}.txt`, "utf8").catch(() => "nothing: it has no expectation\n");
    const passed = printed === expected;
    const verdict = bug ? (passed ? `PASSED in spite of ${bug}:` : `fails, by ${bug}:`) : passed ? "ok" : "FAILED";
    console.log(`${verdict} ${name} ${engine}, ${took} s`);
    if (passed !== !bug) failed += 1;
    if (!passed && !bug) console.log(`${printed.slice(0, 4000)}-- but it has to be\n${expected}--`);
  }
}
await Promise.all(Array.from({ length: availableParallelism() * 3 }, work));
console.log(`libraries: ${names.length}, failed: ${failed}`);
process.exit(failed ? 1 : 0);
