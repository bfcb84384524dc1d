export { bits, randomBitsKernel } from "./bits.ts";
export { bernoulli, normal, truncatedNormal, uniform } from "./distributions.ts";
export { type FoldData, fold, key, split } from "./key.ts";
export { threefry2x32, threefryBits } from "./threefry.ts";
