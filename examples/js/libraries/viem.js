// viem: asks a chain, and pays. Its transport comes back by itself.
import { createWalletClient, formatEther, parseEther, publicActions, webSocket } from "viem";
import { cut, say, ws } from "./stage.js";

const transport = webSocket(ws, { reconnect: { delay: 50, attempts: 20 } });
const client = createWalletClient({ transport }).extend(publicActions);
const ben = `0x${Array.from({ length: 40 }, () => Math.floor(Math.random() * 16).toString(16)).join("")}`;

async function pay() {
  const [ada] = await client.getAddresses();
  await client.sendTransaction({ account: ada, to: ben, value: parseEther("1.5"), chain: null });
  say(`paid: Ben has ${formatEther(await client.getBalance({ address: ben }))}`);
}

(async () => {
  say(`chain ${await client.getChainId()}`);
  await pay();
  const { socket } = await client.transport.getRpcClient();
  const lost = new Promise((resolve) => socket.addEventListener("close", resolve));
  cut();
  await lost;
  say("lost");
  // What is asked while there is no connection fails.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await pay();
  (await client.transport.getRpcClient()).close();
})();
