import { createRequire } from "node:module";
import { WebSocketServer } from "ws";
import { createServer } from "node:http";
import { listening } from "../front.mjs";

const { NostrRelay } = createRequire(import.meta.url)("@nostr-relay/core");
const { EventRepository } = createRequire(import.meta.url)("@nostr-relay/common");

class Memory extends EventRepository {
  events = new Map();
  isSearchSupported() {
    return false;
  }
  upsert(event) {
    const isDuplicate = this.events.has(event.id);
    this.events.set(event.id, event);
    return { isDuplicate };
  }
  find({ ids, authors }) {
    const events = [...this.events.values()];
    return events.filter(({ id, pubkey }) => (ids ?? [id]).includes(id) && (authors ?? [pubkey]).includes(pubkey));
  }
  async destroy() {}
}

export default () => {
  const http = createServer();
  const relay = new NostrRelay(new Memory());
  new WebSocketServer({ server: http }).on("connection", (socket) => {
    relay.handleConnection(socket);
    socket.on("message", (data) => relay.handleMessage(socket, JSON.parse(data)));
    socket.on("close", () => relay.handleDisconnect(socket));
  });
  return listening(http);
};
