// Losses, schedules and optimizers: functions of tensors that run eagerly and inside a jitted step.
export { type Labels, meanOf, sigmoidCrossEntropy, softmaxCrossEntropy } from "./losses.ts";
export { type AdamWOptions, adamw } from "./optimizers/adamw.ts";
export { clipByGlobalNorm, globalNorm } from "./optimizers/clip.ts";
export {
  type NamedOptions,
  type Optimizer,
  type OptimizerState,
  optimizer,
  type Slots,
  type StepScalars,
  type UpdateRule,
} from "./optimizers/optimizer.ts";
export { type SgdOptions, sgd } from "./optimizers/sgd.ts";
export { type NameRules, valuesByName } from "./patterns.ts";
export { type Schedule, scheduleFactor } from "./schedules.ts";
