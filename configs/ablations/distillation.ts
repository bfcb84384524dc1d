/**
 * A student of a fifth of the parameters, by labels and by a teacher's predictions for the same mixed views.
 *
 * Claim   a consistent and patient teacher beats labels, the more so the longer the training (Beyer et al. 2022; Dehghani et al. 2023,
 *         table 8)
 * Needs   runs/ablations/pretrained, see pretrained.ts
 * Run     pnpm vitscale train configs/ablations/distillation.ts --out runs/ablations/distillation --seeds 0,1,2
 */
import { mixup } from "@vitscale/data";
import { grid, type TrainConfig } from "@vitscale/train";
import base from "./base.ts";

const student: TrainConfig = {
  ...base,
  model: { ...base.model, width: 48, depth: 3, heads: 3, mlpWidth: 96 },
  data: { ...base.data, mix: mixup({ alpha: 1, apply: "graph" }) },
};
const teacher = { kind: "run", run: "runs/ablations/pretrained" } as const;
const lengths = { steps: [1000, 3000] };

export default [
  ...grid({ ...student, name: "labels" }, lengths),
  ...grid({ ...student, name: "teacher", loss: { kind: "distillation", temperature: 2 }, teacher }, lengths),
];
