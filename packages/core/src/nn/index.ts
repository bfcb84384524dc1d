export { type Attention, type AttentionOptions, attention, type HeadNorm } from "./attention.ts";
export { sumOfRows, withGradient } from "./custom-gradient.ts";
export { dropout } from "./dropout.ts";
export { type GeluForm, gelu } from "./gelu.ts";
export { type LinearParameters, linear } from "./linear.ts";
export { type LayerNormParameters, layerNorm, type NormOptions, type RmsNormParameters, rmsNorm } from "./norm.ts";
export { type Partition, type PartitionSpec, whole } from "./partition.ts";
export { patchify } from "./patchify.ts";
