/**
 * Weight decay of the head apart from that of the body.
 *
 * Claim   a strong decay of the head lowers accuracy on the task itself and raises that of few-shot classifiers on the features
 *         (Zhai et al. 2022, §3.1)
 * Rows    0 is the decay of the head off
 * Run     pnpm vitscale train configs/ablations/head-decay.ts --out runs/ablations/head-decay --seeds 0,1,2
 *         pnpm vitscale eval runs/ablations/head-decay/head=3-seed=0 --suite fewshot
 */
import type { TrainConfig } from "@vitscale/train";
import base from "./base.ts";

export default [0, 0.03, 0.3, 3].map(
  (head) =>
    ({
      ...base,
      name: `head=${head}`,
      optimizer: {
        ...base.optimizer,
        weightDecay: [
          ["head/kernel", head],
          [".+/kernel", 0.03],
        ],
      },
    }) satisfies TrainConfig,
);
