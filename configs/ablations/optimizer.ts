/**
 * AdamW against big_vision's Adafactor with its first moment in 16 bits at three rates, and with one in 32 bits. The state's memory is
 * that of the checkpoint less the parameters: 8 bytes for each parameter, a little more than 2, a little more than 4.
 *
 * Claim   equal losses at a quarter of AdamW's state (Zhai et al. 2022, §3.4)
 * Run     pnpm vitscale train configs/ablations/optimizer.ts --out runs/ablations/optimizer --seeds 0,1,2
 */
import { grid } from "@vitscale/train";
import base from "./base.ts";

const decay = { weightDecay: 0.05 } as const;
const rates = { learningRate: [1e-3, 2e-3, 4e-3] };
const adafactor = { kind: "adafactor", beta2Cap: 0.99, ...decay } as const;

export default [
  ...grid({ ...base, name: "adamw", optimizer: { kind: "adamw", beta2: 0.99, ...decay } }, rates),
  ...grid({ ...base, name: "adafactor", optimizer: adafactor }, rates),
  { ...base, name: "adafactor-float32-learningRate=0.002", optimizer: { ...adafactor, firstMoment: "float32" } },
];
