import type { Claim } from "../claim.ts";
import { biases } from "./biases.ts";
import { inferenceSpeed } from "./inference-speed.ts";
import { initialValues } from "./initial-values.ts";
import { mfu } from "./mfu.ts";
import { norms } from "./norms.ts";
import { parallelBlock } from "./parallel-block.ts";
import { pooling } from "./pooling.ts";
import { qkNorm } from "./qk-norm.ts";
import { stepCost } from "./step-cost.ts";
import { trainingSpeed } from "./training-speed.ts";

/** Every claim, in the order of the report: what papers state first, then speed. */
export const claims: readonly Claim[] = [
  initialValues,
  parallelBlock,
  biases,
  norms,
  pooling,
  qkNorm,
  mfu,
  trainingSpeed,
  inferenceSpeed,
  stepCost,
];
