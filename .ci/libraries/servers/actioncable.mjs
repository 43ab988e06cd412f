import { accepting, freePort, start } from "../program.mjs";

export default async () => {
  const port = await freePort();
  const application = new URL("../actioncable.ru", import.meta.url).pathname;
  start(["puma", "--quiet", "--silent", "--environment", "none", "--bind", `tcp://127.0.0.1:${port}`, application]);
  return accepting(port);
};
