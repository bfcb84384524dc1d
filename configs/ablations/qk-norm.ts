/**
 * With and without normalised queries and keys, as the learning rate rises. Attention is watched; what diverges says where.
 *
 * Claim   without QK norm attention logits grow and training diverges at high rates; with it, it does not (Dehghani et al. 2023,
 *         appendix B; Wortsman et al. 2023). The sensitivity is the mean over rates of min(loss, initial loss) less the best loss.
 * Run     pnpm vitscale train configs/ablations/qk-norm.ts --out runs/ablations/qk-norm --seeds 0,1,2
 */
import { grid, type TrainConfig } from "@vitscale/train";
import base from "./base.ts";

const watched: TrainConfig = {
  ...base,
  steps: 500,
  schedule: { kind: "cosine", warmupSteps: 50 },
  optimizer: { kind: "adamw", beta2: 0.95, weightDecay: 1e-4 },
  stability: { observeEverySteps: 100 },
};

export default grid(watched, {
  "model.qkNorm": ["none", "rms"],
  learningRate: [1e-3, 1e-2, 3e-2, 1e-1],
});
