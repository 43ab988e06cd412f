import { writeFileSync } from "node:fs";
import { accepting, folder, freePort, start } from "../program.mjs";

// RabbitMQ, with what makes it a broker of STOMP over WebSocket and nothing else.
export default async () => {
  const home = folder();
  const [port, names, nodes] = [await freePort(), await freePort(), await freePort()];
  const environment = {
    HOME: home,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: String(names),
    RABBITMQ_NODENAME: "libraries@localhost",
    RABBITMQ_DIST_PORT: String(nodes),
    RABBITMQ_MNESIA_BASE: home,
    RABBITMQ_LOG_BASE: home,
    RABBITMQ_CONFIG_FILE: `${home}/rabbitmq.conf`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${home}/enabled_plugins`,
  };
  writeFileSync(`${home}/enabled_plugins`, "[rabbitmq_web_stomp].");
  writeFileSync(
    `${home}/rabbitmq.conf`,
    `listeners.tcp = none
stomp.listeners.tcp = none
web_stomp.tcp.ip = 127.0.0.1
web_stomp.tcp.port = ${port}
web_stomp.ws_frame = binary
log.console = false
`,
  );
  // Otherwise it starts one that stays.
  start(["epmd", "-relaxed_command_check"], environment);
  await accepting(names);
  start(["/usr/lib/rabbitmq/bin/rabbitmq-server"], environment);
  return accepting(port);
};
