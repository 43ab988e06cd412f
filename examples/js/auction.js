// An auction: each bidder has a connection and an idea of what the thing is worth, and hears of bids
// when they come back from the server. Needs `echo_server`.
"use strict";

const server = location.host ? location.origin.replace(/^http/, "ws") : "ws://127.0.0.1:9001";

const lot = "a lighthouse, slightly used";
const bidders = [
  { name: "Ada", limit: 900, step: 120 },
  { name: "Ben", limit: 640, step: 75 },
  { name: "Cleo", limit: 1010, step: 40 },
];

let best = { name: "nobody", bid: 0 };
let hammer;
let calls = 0;

function ticker({ name, bid }) {
  const bar = "▇".repeat(Math.ceil(bid / 50));
  console.log(`${name.padEnd(5)} ${String(bid).padStart(5)} ${bar}`);
}

// Whoever does not lead and can still pay bids next.
function callForBids() {
  clearInterval(hammer);
  calls = 0;
  const at = bidders.findIndex(({ name }) => name === best.name);
  for (let i = 1; i <= bidders.length; i++) {
    const bidder = bidders[(at + i) % bidders.length];
    const bid = best.bid + bidder.step;
    if (bidder.name !== best.name && bid <= bidder.limit) {
      bidder.socket.send(JSON.stringify({ name: bidder.name, bid }));
      return;
    }
  }
  hammer = setInterval(fall, 15);
}

function fall() {
  calls += 1;
  if (calls < 3) {
    console.log(["Going once ...", "Going twice ..."][calls - 1]);
    return;
  }
  clearInterval(hammer);
  console.log(`Sold to ${best.name} for ${best.bid}!`);
  leave();
}

// One after the other, winners last.
function leave() {
  const next = bidders.find(({ name }) => name !== best.name) ?? bidders[0];
  if (!next) return;
  bidders.splice(bidders.indexOf(next), 1);
  next.socket.onclose = ({ code }) => {
    console.log(code === 4001 ? `${next.name} leaves, beaming.` : `${next.name} leaves.`);
    leave();
  };
  next.socket.close(next.name === best.name ? 4001 : 4000);
}

function enter(bidder) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server}/auction`);
    bidder.socket = socket;
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error(`${bidder.name} can't get in`)));
    socket.addEventListener("message", ({ data }) => {
      best = JSON.parse(data);
      ticker(best);
      callForBids();
    });
  });
}

(async () => {
  for (const bidder of bidders) await enter(bidder);
  console.log(`For sale: ${lot}.`);
  callForBids();
})();
