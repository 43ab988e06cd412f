// What stands between a script and a server: it passes all bytes on, and cuts all connections when one comes that asks for it.
import { connect, createServer } from "node:net";

/** Resolves with the port. */
export function front(upstream) {
  const carried = new Set();
  const server = createServer((client) => {
    client.on("error", () => {});
    client.once("data", (head) => {
      if (head.toString("latin1").startsWith("GET /cut ")) {
        for (const socket of carried) socket.destroy();
        client.destroy();
        return;
      }
      const peer = connect(upstream, "127.0.0.1");
      for (const [socket, other] of [[client, peer], [peer, client]]) {
        carried.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          carried.delete(socket);
          other.destroySoon();
        });
      }
      peer.write(head);
      client.pipe(peer);
      peer.pipe(client);
    });
  });
  return listening(server);
}

/** Resolves with the port of a server of Node's, which listens from then on. */
export function listening(server) {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}
