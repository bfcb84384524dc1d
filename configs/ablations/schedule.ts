/**
 * Schedules of one length, and cool-downs branched off one run at several.
 *
 * Claim   rsqrt with a cool-down comes close to a schedule that was made for the length; most of its gain is in the cool-down
 *         (Zhai et al. 2022, §3.5)
 * Run     pnpm vitscale train configs/ablations/schedule.ts --out runs/ablations/schedule --seeds 0,1,2
 *         pnpm vitscale branch runs/ablations/schedule/trunk-seed=0@800 --cooldown 200 --out runs/ablations/branch-1000
 *         pnpm vitscale branch runs/ablations/schedule/trunk-seed=0@1600 --cooldown 400 --out runs/ablations/branch-2000
 */
import { grid } from "@vitscale/train";
import base from "./base.ts";

const warmupSteps = 200;

export default [
  ...grid(base, {
    schedule: [
      { kind: "cosine", warmupSteps },
      { kind: "linear", warmupSteps },
      { kind: "constant", warmupSteps, cooldownSteps: 400 },
      { kind: "rsqrt", timescale: 500, warmupSteps, cooldownSteps: 400 },
    ],
  }),
  {
    ...base,
    name: "trunk",
    schedule: { kind: "rsqrt", timescale: 500, warmupSteps },
    checkpoints: { everySteps: 800, keepEverySteps: 800 },
  },
];
