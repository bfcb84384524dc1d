/**
 * Three sizes of model on more generated images than they can see twice, each trained at three lengths of its own schedule.
 *
 * Claim   larger models need fewer images for the same quality; error over compute follows a power law that saturates,
 *         E = a(C + d)^-b + c (Zhai et al. 2022, §2; `fitPowerLaw`)
 * Run     pnpm vitscale train configs/ablations/sizes.ts --out runs/ablations/sizes --seeds 0,1,2
 */
import { generatedShapes } from "@vitscale/data";
import type { TrainConfig } from "@vitscale/train";
import shapes from "../generated-shapes.ts";
import base from "./base.ts";

const sizes = [
  { width: 48, depth: 3, heads: 3, mlpWidth: 96 },
  { width: 96, depth: 4, heads: 3, mlpWidth: 192 },
  { width: 160, depth: 6, heads: 5, mlpWidth: 320 },
];
const endless = {
  ...base,
  data: { ...shapes.data, source: generatedShapes({ length: 128_000, side: 32, seed: 0 }) },
  evaluations: { test: { ...shapes.evaluations.validation, everySteps: 250 } },
};

export default sizes.flatMap((size) =>
  [250, 500, 1000].map(
    (steps) =>
      ({
        ...endless,
        name: `width=${size.width}-steps=${steps}`,
        model: { ...base.model, classes: 16, ...size },
        steps,
        schedule: { kind: "cosine", warmupSteps: steps / 10 },
      }) satisfies TrainConfig,
  ),
);
