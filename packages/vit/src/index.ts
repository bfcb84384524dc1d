// Configurations: presets and named sizes.

// The model: a pair of functions.
export { type ApplyOptions, apply, type Output } from "./apply.ts";
export {
  type Biases,
  checkConfig,
  patchGrid,
  tokenCount,
  type ViTConfig,
  type ViTOptions,
  vit22b,
  vitG,
} from "./config.ts";
// Counting without allocating.
export { countAs, countByShapes, countParameters, type ParameterCount } from "./count.ts";
export { describeModel, type Part, parts } from "./describe.ts";
export { type Flops, flops, modelFlopsPerToken, modelFlopsUtilisation } from "./flops.ts";
// Changes to parameters: how projections are stored, another image side, other people's checkpoints.
export { fuseParameters, unfusedConfig, unfuseParameters } from "./fuse.ts";
export { init } from "./init.ts";
export type { Intermediates, Keep } from "./intermediates.ts";
// The parameter tree.
export type {
  AttentionParameters,
  BlockParameters,
  FusedInputParameters,
  LinearParameters,
  MlpParameters,
  NormParameters,
  PoolParameters,
  ViTParameters,
} from "./parameters.ts";
export { blockName } from "./parameters.ts";
export { partitionParameters } from "./partition.ts";
export { type Resampling, resampleGridMatrix, resampleMatrix } from "./resample.ts";
export { atResolution, resamplePositions } from "./resolution.ts";
export { isParameterShape, type ParameterShape, parameterShapes } from "./shapes.ts";
export { fromTimm, readTimm, timmParallel, timmViT } from "./timm.ts";
export {
  type CountConvention,
  type Printed,
  printedRows,
  type Size,
  sizes,
  type Variant,
  variant,
} from "./variants.ts";
