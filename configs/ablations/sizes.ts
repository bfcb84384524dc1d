/**
 * Three sizes of model, each with enough evaluations on the way to draw quality over images seen.
 *
 * Claim   larger models need fewer images for the same quality; error over compute follows a power law that saturates,
 *         E = a(C + d)^-b + c (Zhai et al. 2022, §2; `fitPowerLaw`)
 * Run     pnpm vitscale train configs/ablations/sizes.ts --out runs/ablations/sizes --seeds 0,1,2
 */
import { grid } from "@vitscale/train";
import base from "./base.ts";

const sizes = [
  { width: 48, depth: 3, heads: 3, mlpWidth: 96 },
  { width: 96, depth: 4, heads: 3, mlpWidth: 192 },
  { width: 160, depth: 6, heads: 5, mlpWidth: 320 },
];
const often = { ...base, evaluations: { test: { ...base.evaluations.test, everySteps: 250 } } };

export default sizes.flatMap((size) =>
  grid({ ...often, name: `width=${size.width}`, model: { ...base.model, ...size } }, { steps: [1000, 2000, 4000] }),
);
