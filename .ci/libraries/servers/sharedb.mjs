import ShareDB from "sharedb";
import { WebSocketServer } from "ws";
import { createServer } from "node:http";
import { Duplex } from "node:stream";
import { listening } from "../front.mjs";

// Its agent wants a stream of objects.
function objects(socket) {
  const stream = new Duplex({
    objectMode: true,
    read() {},
    write(message, _, done) {
      socket.send(JSON.stringify(message), () => done());
    },
  });
  socket.on("message", (data) => stream.push(JSON.parse(data)));
  socket.on("close", () => {
    stream.push(null);
    stream.destroy();
  });
  return stream;
}

export default () => {
  const http = createServer();
  const backend = new ShareDB();
  new WebSocketServer({ server: http }).on("connection", (socket) => backend.listen(objects(socket)));
  return listening(http);
};
