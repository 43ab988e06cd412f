// ethers: asks a chain, and pays. A provider that is cut is over: another is made.
import { WebSocketProvider, formatEther, hexlify, parseEther, randomBytes } from "ethers";
import { cut, say, ws } from "./stage.js";

const ben = hexlify(randomBytes(20));

async function visit() {
  const socket = new WebSocket(ws);
  const provider = new WebSocketProvider(socket, 1337, { cacheTimeout: -1 });
  const ada = await provider.getSigner(0);
  const payment = await ada.sendTransaction({ to: ben, value: parseEther("1.5") });
  const { status } = await payment.wait();
  say(`paid, ${status}: Ben has ${formatEther(await provider.getBalance(ben))}`);
  return { socket, provider };
}

const closed = (socket) => new Promise((resolve) => (socket.onclose = ({ code }) => resolve(code)));

(async () => {
  const { socket } = await visit();
  const lost = closed(socket);
  cut();
  say(`lost: ${await lost}`);
  const second = await visit();
  const left = closed(second.socket);
  await second.provider.destroy();
  say(`left: ${await left}`);
})();
