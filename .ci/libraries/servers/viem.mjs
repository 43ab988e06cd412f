export { alone, default } from "./ethers.mjs";
