import { tokenCount, type ViTConfig } from "./config.ts";
import { countParameters } from "./count.ts";

/** Floating-point operations of one forward pass over one image, by part; a multiply-add is two. */
export interface Flops {
  readonly patch: number;
  /** Query, key, value and output products of the blocks. */
  readonly projections: number;
  /** Q·Kᵀ and P·V of the blocks. */
  readonly attention: number;
  readonly mlp: number;
  /** Norms, biases, GELU, softmax, residual sums of embedding and blocks; see {@link flops}. */
  readonly elementwise: number;
  readonly pool: number;
  readonly head: number;
  /** projections + attention + mlp = 2·N·L·(4d² + 2dm) + 4·L·N²·d. */
  readonly encoder: number;
  /** All products: everything but `elementwise`. */
  readonly products: number;
}

// Operations an element, as a compiler counts them: x², two sums, centring, scaling twice, bias, and one to spare.
const layerNormOperations = 8;
const rmsNormOperations = 4;
// Maximum, difference, sum, quotient; the exponential is not arithmetic.
const softmaxOperations = 4;
// (0.5·x)·(1 + tanh(0.79788·(x + 0.044715·x³))), without the tanh.
const geluOperations = 8;

/**
 * Forward FLOPs of a model on one image, or on `tokens` tokens (an image of 384 with patches of 14 has 27² = 729: the
 * last pixels are not read).
 *
 * Table 2 of Zhai et al. 2022 is `patch + encoder + elementwise + head`: without the pooling head, with the elementwise work that a
 * compiler's cost analysis adds, and with a classifier: the 29,593 classes of pre-training on JFT-3B at image side 224, the 1,000 of
 * fine-tuning on ImageNet at 384. The paper does not say so, but with these, and the counts an element above, all 22 printed values
 * come out to the digit; without the classifiers L/16, g/14 and G/14 at 224 are up to 0.1 less, all others the same. `encoder` alone
 * is 0.2 % (G/14) to 11 % (s/28) less.
 */
export function flops(config: ViTConfig, { tokens = tokenCount(config) }: { readonly tokens?: number } = {}): Flops {
  const { width, depth, mlpWidth, heads, patchSide, channels, classes, biases } = config;
  const patches = config.pooling === "tok" ? tokens - 1 : tokens;
  const norm = config.norm === "layer" ? layerNormOperations : rmsNormOperations;
  const qkNorm = { none: 0, layer: layerNormOperations, rms: rmsNormOperations }[config.qkNorm];
  const isParallel = config.block === "parallel";

  // Operations a token and feature of width `width`, of width `mlpWidth`, and a pair of tokens of one head.
  const perFeature =
    norm * (isParallel ? 1 : 2) +
    2 * qkNorm +
    1 + // query scaled by headWidth^(−1/2)
    (biases.qkv ? 3 : 0) +
    (biases.attentionOutput && !config.fusedOutput ? 1 : 0) +
    (biases.mlp || (config.fusedOutput && biases.attentionOutput) ? 1 : 0) +
    (isParallel && config.fusedOutput ? 1 : 2); // residual sums
  const perMlpFeature = geluOperations + (biases.mlp ? 1 : 0);
  const blockElementwise =
    tokens * (perFeature * width + perMlpFeature * mlpWidth) + softmaxOperations * heads * tokens ** 2;
  const embeddingElementwise = patches * width * (biases.patch ? 2 : 1) + norm * tokens * width;

  const projections = 2 * tokens * depth * 4 * width ** 2;
  const attention = 4 * depth * tokens ** 2 * width;
  const mlp = 2 * tokens * depth * 2 * width * mlpWidth;
  const patch = 2 * patches * channels * patchSide ** 2 * width;
  // Keys and values of all tokens; query, output and MLP of the probe.
  const pool =
    config.pooling === "map"
      ? 2 * 2 * tokens * width ** 2 + 2 * 2 * width ** 2 + 4 * tokens * width + 2 * 2 * width * mlpWidth
      : 0;
  const head = 2 * width * classes;
  const encoder = projections + attention + mlp;
  const elementwise = depth * blockElementwise + embeddingElementwise;
  return {
    ...{ patch, projections, attention, mlp, elementwise, pool, head, encoder },
    products: patch + encoder + pool + head,
  };
}

/**
 * FLOPs that training spends on one token by the convention of model-FLOPs utilisation: 6·P + 12·L·d·N, with P the
 * block matrices and N the tokens of an image. Forward and backward; recomputation does not count
 * (Chowdhery et al. 2022, arXiv 2204.02311, appendix B).
 */
export function modelFlopsPerToken(config: ViTConfig): number {
  return 6 * countParameters(config).matrices + 12 * config.depth * config.width * tokenCount(config);
}

/**
 * Model-FLOPs utilisation: the share of a device's peak that the model's own training arithmetic uses.
 *
 * @param rate tokens a second of one device, and that device's peak in FLOP/s
 */
export function modelFlopsUtilisation(
  config: ViTConfig,
  rate: { readonly tokensPerSecond: number; readonly peakFlops: number },
): number {
  return (modelFlopsPerToken(config) * rate.tokensPerSecond) / rate.peakFlops;
}
