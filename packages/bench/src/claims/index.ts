import type { Claim } from "../claim.ts";
import { attentionNorms } from "./attention-norms.ts";
import { biases } from "./biases.ts";
import { calibration } from "./calibration.ts";
import { distillation } from "./distillation.ts";
import { fairness } from "./fairness.ts";
import { fewShotRidge } from "./few-shot.ts";
import { fineTuneResolution } from "./fine-tune-resolution.ts";
import { fusedInit } from "./fused-init.ts";
import { headDecay } from "./head-decay.ts";
import { humanAlignment } from "./human-alignment.ts";
import { imagenetTables } from "./imagenet-tables.ts";
import { inferenceSpeed } from "./inference-speed.ts";
import { initialValues } from "./initial-values.ts";
import { logitGrowth } from "./logit-growth.ts";
import { logitPartsClaim } from "./logit-parts.ts";
import { logitSize } from "./logit-size.ts";
import { mfu } from "./mfu.ts";
import { normCollectives } from "./norm-collectives.ts";
import { norms } from "./norms.ts";
import { adafactorVariant } from "./optimizers.ts";
import { otherDistributions } from "./other-distributions.ts";
import { overlapMpi } from "./overlap-mpi.ts";
import { parallelBlock } from "./parallel-block.ts";
import { parallelLinearClaim } from "./parallel-linear.ts";
import { pooling } from "./pooling.ts";
import { qkNorm } from "./qk-norm.ts";
import { scaleOnPaper } from "./scale-on-paper.ts";
import { scaling } from "./scaling.ts";
import { schedules } from "./schedules.ts";
import { secondMoment } from "./second-moment.ts";
import { shapeBiasClaim } from "./shape-bias.ts";
import { stepCost } from "./step-cost.ts";
import { trainingSpeed } from "./training-speed.ts";

/** Every claim, in the order of the report: models and training, what models make of images, ranks, then speed. */
export const claims: readonly Claim[] = [
  initialValues,
  parallelBlock,
  biases,
  norms,
  pooling,
  fusedInit,
  qkNorm,
  attentionNorms,
  logitGrowth,
  logitPartsClaim,
  logitSize,
  adafactorVariant,
  secondMoment,
  headDecay,
  schedules,
  scaling,
  distillation,
  fewShotRidge,
  shapeBiasClaim,
  fairness,
  calibration,
  otherDistributions,
  fineTuneResolution,
  humanAlignment,
  imagenetTables,
  normCollectives,
  parallelLinearClaim,
  overlapMpi,
  scaleOnPaper,
  mfu,
  trainingSpeed,
  inferenceSpeed,
  stepCost,
];
