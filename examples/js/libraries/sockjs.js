// SockJS: text only, and no reconnection: whoever uses it opens another.
import SockJS from "sockjs-client";
import { cut, greeting, http, say } from "./stage.js";

const elsewhere = http.replace("127.0.0.1", "localhost");

function visit(leave) {
  // Of its own origin it would ask by XMLHttpRequest what it offers.
  const socket = new SockJS(`${elsewhere}/echo`, null, { transports: ["websocket"] });
  socket.onopen = () => {
    say(`open, ${socket.transport}`);
    socket.send(greeting);
  };
  socket.onmessage = ({ data }) => {
    say(data);
    leave(socket);
  };
  return new Promise((resolve) => (socket.onclose = resolve));
}

(async () => {
  say(`closed: ${(await visit(cut)).code}`);
  say(`closed: ${(await visit((socket) => socket.close())).code}`);
})();
