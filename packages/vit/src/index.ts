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
// Other people's checkpoints.
export { augReg, fromBigVision } from "./foreign/big-vision.ts";
export type { ForeignState } from "./foreign/dialect.ts";
export { fromHuggingFace, huggingFaceViT, siglipImage } from "./foreign/hugging-face.ts";
export type { ImportOptions } from "./foreign/import.ts";
export { readState } from "./foreign/read-state.ts";
export { readWeights, type WeightFormat, weightFormats } from "./foreign/read-weights.ts";
export { fromTimm, readTimm, timmParallel, timmViT } from "./foreign/timm.ts";
// Changes to parameters: how projections are stored, another image side.
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
export {
  type CountConvention,
  type Printed,
  printedRows,
  type Size,
  sizes,
  type Variant,
  variant,
} from "./variants.ts";
