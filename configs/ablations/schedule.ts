/**
 * Schedules of one length, and cool-downs branched off one run at several.
 *
 * Claim   rsqrt with a cool-down comes close to a schedule that was made for the length; most of its gain is in the cool-down
 *         (Zhai et al. 2022, §3.5)
 * Run     pnpm vitscale train configs/ablations/schedule.ts --out runs/ablations/schedule --seeds 0,1,2
 *         pnpm vitscale branch runs/ablations/schedule/trunk-seed=0@400 --cooldown 100 --out runs/ablations/branches/500-seed=0
 *         pnpm vitscale branch runs/ablations/schedule/trunk-seed=0@800 --cooldown 200 --out runs/ablations/branches/1000-seed=0
 */
import { grid } from "@vitscale/train";
import base from "./base.ts";

const warmupSteps = 100;

export default [
  ...grid(base, {
    schedule: [
      { kind: "cosine", warmupSteps },
      { kind: "linear", warmupSteps },
      { kind: "constant", warmupSteps, cooldownSteps: 200 },
      { kind: "rsqrt", timescale: 300, warmupSteps, cooldownSteps: 200 },
    ],
  }),
  {
    ...base,
    name: "trunk",
    schedule: { kind: "rsqrt", timescale: 300, warmupSteps },
    checkpoints: { everySteps: 400, keepEverySteps: 400 },
  },
];
