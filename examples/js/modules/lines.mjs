// The messages of a socket, until it is closed.
export async function* lines(socket) {
  const waiting = [];
  let wake = () => {};
  socket.addEventListener("message", ({ data }) => {
    waiting.push(data);
    wake();
  });
  socket.addEventListener("close", () => wake());
  while (waiting.length > 0 || socket.readyState !== WebSocket.CLOSED) {
    if (waiting.length > 0) {
      yield waiting.shift();
    } else {
      await new Promise((resolve) => (wake = resolve));
    }
  }
}
