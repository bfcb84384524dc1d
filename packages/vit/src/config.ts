import { checkFields, checkFlags, checkNumber, checkWords } from "./config-fields.ts";
import { type Size, variant } from "./variants.ts";

/** Where a bias is added. A bias that two fused projections share is counted once. */
export interface Biases {
  /** Patch embedding. */
  readonly patch: boolean;
  /** Query, key and value projections of the encoder. */
  readonly qkv: boolean;
  /** Output projection of the encoder's attention. */
  readonly attentionOutput: boolean;
  /** Both layers of the encoder's MLP. */
  readonly mlp: boolean;
  /** Every norm of width `width`; only a layer norm can have one. */
  readonly norm: boolean;
  /** Query and key norms; only a layer norm can have one. */
  readonly qkNorm: boolean;
  /** Projections and MLP of the attention pooling head. */
  readonly pool: boolean;
  /** Classifier. */
  readonly head: boolean;
}

/** Everything that decides which function a model is and how its parameters begin. A plain value: it survives JSON. */
export interface ViTConfig extends Size {
  /** Pixels per side of the square input. */
  readonly imageSide: number;
  /** Pixels per side of a square patch; patches do not overlap. */
  readonly patchSide: number;
  readonly channels: number;
  /** Outputs of the classifier; 0 leaves it out, and the logits are the pooled feature. */
  readonly classes: number;
  /** One residual sum of attention and MLP over one norm, or two residual sums with a norm each. */
  readonly block: "parallel" | "sequential";
  /** Store query, key, value (and in the parallel block the MLP's first layer) as one matrix. */
  readonly fusedInput: boolean;
  /** Parallel block only: store the attention output and the MLP's second layer as one matrix. */
  readonly fusedOutput: boolean;
  /** RMS norm does not centre. */
  readonly norm: "rms" | "layer";
  readonly normEpsilon: number;
  /** Norm of queries and keys, for each head over its width, with one scale shared by the heads. */
  readonly qkNorm: "none" | "rms" | "layer";
  /** Over what queries and keys are normalised: each head's width unless said, or the width of all heads at once, with a scale for each feature. */
  readonly qkNormSpan?: "head" | "width";
  /** What attention logits are divided by: √headWidth unless said. Normalised queries and keys can do without. */
  readonly attentionScale?: "root" | "none";
  readonly biases: Biases;
  readonly gelu: "tanh" | "erf";
  /** Attention by a learned probe, mean over tokens, or a class token. */
  readonly pooling: "map" | "gap" | "tok";
  /** Apply the final norm to every token before pooling, or to the pooled feature. */
  readonly finalNorm: "tokens" | "pooled";
  /** A norm between the position table and the first block (timm's `pre_norm`). */
  readonly embeddingNorm: boolean;
  /** Standard deviation of the position table at initialisation; "width" is width^(−1/2). */
  readonly positionDeviation: number | "width";
  readonly headKernel: "zeros" | "lecun-normal";
  /** Initial value of the head's bias: −10 starts a sigmoid loss over many classes near zero. */
  readonly headBias: number;
  /** Share of residual-branch outputs and of embedded tokens that training zeroes. */
  readonly dropout: number;
  /** Share of images for which training skips the last block's branch; earlier blocks in proportion to their depth. */
  readonly stochasticDepth: number;
}

/** Changes to a preset; `biases` may name only those that differ. */
export type ViTOptions = Partial<Omit<ViTConfig, "biases">> & { readonly biases?: Partial<Biases> };

const every: Biases = {
  patch: true,
  qkv: true,
  attentionOutput: true,
  mlp: true,
  norm: true,
  qkNorm: false,
  pool: true,
  head: true,
};

const common = {
  imageSide: 224,
  channels: 3,
  classes: 1000,
  normEpsilon: 1e-6,
  gelu: "tanh",
  pooling: "map",
  finalNorm: "tokens",
  embeddingNorm: false,
  positionDeviation: "width",
  headKernel: "zeros",
  headBias: 0,
  dropout: 0,
  stochasticDepth: 0,
} as const;

/**
 * A model with the block of ViT-22B: attention and MLP in parallel and fused, queries and keys normalised, RMS norms,
 * no biases in the QKV projections and norms (Dehghani et al. 2023, §2).
 *
 * The paper drops the bias of "the QKV projections"; the attention output keeps its bias, which fusion merges with that
 * of the MLP. It says nothing of biases inside the MAP head: they stay.
 */
export function vit22b(name = "22B/14", options: ViTOptions = {}): ViTConfig {
  return configure(name, options, {
    ...common,
    block: "parallel",
    fusedInput: true,
    fusedOutput: true,
    norm: "rms",
    qkNorm: "rms",
    biases: { ...every, qkv: false, norm: false },
  });
}

/**
 * A model with the block of ViT-g and ViT-G, the baseline: attention, then MLP, layer norms with bias, biases
 * everywhere, no QK norm (Zhai et al. 2022; big_vision models/vit.py).
 */
export function vitG(name = "G/14", options: ViTOptions = {}): ViTConfig {
  return configure(name, options, {
    ...common,
    block: "sequential",
    fusedInput: false,
    fusedOutput: false,
    norm: "layer",
    qkNorm: "none",
    biases: every,
  });
}

function configure(name: string, options: ViTOptions, preset: Omit<ViTConfig, keyof Size | "patchSide">): ViTConfig {
  const { width, depth, mlpWidth, heads, patchSide } = variant(name);
  const shape = { width, depth, mlpWidth, heads, patchSide };
  checkFields(options, { ...preset, ...shape });
  checkFields(options.biases ?? {}, preset.biases);
  const config = { ...preset, ...shape, ...options, biases: { ...preset.biases, ...options.biases } };
  checkConfig(config);
  return config;
}

/** Features over which a norm of queries or keys goes. */
export function qkNormLength({ width, heads, qkNormSpan = "head" }: ViTConfig): number {
  return qkNormSpan === "head" ? width / heads : width;
}

/** Patches per side of a square image. */
export function patchGrid(imageSide: number, patchSide: number): number {
  if (imageSide % patchSide !== 0) {
    const below = imageSide - (imageSide % patchSide);
    const sides = below === 0 ? `${patchSide}` : `${below} or ${below + patchSide}`;
    throw new RangeError(`image side ${imageSide} is not a multiple of patch side ${patchSide}; use ${sides}`);
  }
  return imageSide / patchSide;
}

/** Tokens that the encoder sees: the patches, and the class token where pooling reads one. */
export function tokenCount({ imageSide, patchSide, pooling }: ViTConfig): number {
  return patchGrid(imageSide, patchSide) ** 2 + (pooling === "tok" ? 1 : 0);
}

/**
 * Checks that a configuration describes a model.
 *
 * @throws RangeError that names the fields in conflict; TypeError for a field that must be true or false.
 */
export function checkConfig(config: ViTConfig): void {
  checkWords(config);
  checkFlags(config);
  const isPositive = (value: number) => Number.isInteger(value) && value >= 1;
  for (const field of ["width", "depth", "mlpWidth", "heads", "imageSide", "patchSide", "channels"] as const) {
    checkNumber(field, config[field], "a positive integer", isPositive);
  }
  const noHead = "a positive integer, or 0 for a model without a head";
  checkNumber("classes", config.classes, noHead, (count) => count === 0 || isPositive(count));
  if (config.width % config.heads !== 0) {
    throw new RangeError(`width ${config.width} does not divide into ${config.heads} heads; change width or heads`);
  }
  if (config.fusedOutput && config.block === "sequential") {
    throw new RangeError(
      "a sequential block has no two output projections to fuse; set fusedOutput to false or block to parallel",
    );
  }
  if (config.biases.norm && config.norm === "rms") {
    throw new RangeError("an RMS norm has no bias; set biases.norm to false or norm to layer");
  }
  if (config.biases.qkNorm && config.qkNorm !== "layer") {
    throw new RangeError(
      `a QK norm of kind ${config.qkNorm} has no bias; set biases.qkNorm to false or qkNorm to layer`,
    );
  }
  for (const field of ["qkNormSpan", "attentionScale"] as const) {
    if (config.qkNorm === "none" && config[field] !== undefined) {
      throw new RangeError(
        `${field} is about normalised queries and keys; set qkNorm to rms or layer, or leave ${field} out`,
      );
    }
  }
  for (const field of ["dropout", "stochasticDepth"] as const) {
    checkNumber(field, config[field], "at least 0 and less than 1", (share) => share >= 0 && share < 1);
  }
  checkNumber("normEpsilon", config.normEpsilon, "a positive number", (epsilon) => epsilon > 0);
  checkNumber("headBias", config.headBias, "a number");
  if (config.positionDeviation !== "width") {
    const rule = 'a number, 0 or more, or "width"';
    checkNumber("positionDeviation", config.positionDeviation, rule, (deviation) => deviation >= 0);
  }
  patchGrid(config.imageSide, config.patchSide);
}
