// sockette: a wrapper of a few hundred bytes.
import Sockette from "sockette";
import { cut, greeting, say, ws } from "./stage.js";

let visits = 0;
const socket = new Sockette(ws, {
  timeout: 50,
  onopen() {
    say("open");
    visits += 1;
    socket.send(greeting);
  },
  onmessage({ data }) {
    say(data);
    if (visits === 1) cut();
    else socket.close(1000, "enough");
  },
  onreconnect: () => say("once more"),
  onclose: ({ code }) => say(`closed: ${code}`),
});
