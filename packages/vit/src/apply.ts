import * as tf from "@tensorflow/tfjs-core";
import { nn } from "@vitscale/core";
import { type Block, parallelBlock, sequentialBlock } from "./block.ts";
import type { ViTConfig } from "./config.ts";
import { noiseOf } from "./dropout.ts";
import { type Intermediates, type Keep, type Note, notes } from "./intermediates.ts";
import { need } from "./need.ts";
import { norm } from "./norm.ts";
import { blockName, type ViTParameters } from "./parameters.ts";
import { type LocalConfig, localConfig } from "./partition.ts";
import { pool } from "./pool.ts";

/** Options of {@link apply}. */
export interface ApplyOptions {
  /** Which intermediates to return; all unless given. A compiled graph drops what nobody reads, an eager call cannot. */
  readonly keep?: Keep;
  /** Whether dropout and stochastic depth act; they need `key`. */
  readonly train?: boolean;
  /** Random key, int32 [2]; another one for every step. */
  readonly key?: tf.Tensor;
  /**
   * How ranks share the features: parameters are then this rank's parts (`partitionParameters`), and intermediates but the logits too.
   * One rank has everything unless given.
   */
  readonly partition?: nn.Partition;
}

/** What {@link apply} returns. */
export interface Output {
  /** [batch, classes]; [batch, width], the pooled feature, where the model has no classes. */
  readonly logits: tf.Tensor;
  readonly intermediates: Intermediates;
}

/**
 * The model: images [batch, imageSide, imageSide, channels], float32 and normalised, to logits.
 *
 * Intermediates, T tokens: `patches` and `tokens` [batch, T, width], for each block `encoder/block00/…`
 * `attention/{query, key, logits, probabilities}`, `mlp/hidden` and `output`; `encoded` [batch, T, width];
 * `pool/attention/…`; `pre_logits` [batch, width]; `logits`.
 *
 * @throws RangeError when images or parameters do not fit the configuration.
 */
export function apply(
  params: ViTParameters<tf.Tensor>,
  images: tf.Tensor,
  whole: ViTConfig,
  { keep = () => true, train = false, key, partition = nn.whole }: ApplyOptions = {},
): Output {
  checkImages(images, whole);
  const config = localConfig(whole, partition);
  const block: Block = config.block === "parallel" ? parallelBlock : sequentialBlock;
  const intermediates: Intermediates = {};
  const note = notes(intermediates, keep);
  const noise = noiseOf(config, train, key);

  const { encoder, final_norm, pool: pooling, head, ...embedding } = params;
  let x = noise.tokens(embed(partition.gather(embedding, ""), images, config, note));
  // What entered the block before: parameters that must be gathered are on their way while that block computes.
  let entered: readonly tf.Tensor[] = [];
  for (let index = 0; index < config.depth; index++) {
    const name = `encoder/${blockName(index)}`;
    const parameters = partition.gather(need(encoder[blockName(index)], name), name, ...entered);
    entered = [x];
    // Eagerly, what a block computes and nobody keeps is freed when the block is done.
    const scope = tf.tidy(() => {
      const noted: Intermediates = {};
      return { x: block(x, parameters, config, notes(noted, keep, `${name}/`), noise.block(index)), noted };
    });
    x = scope.x;
    Object.assign(intermediates, scope.noted);
  }

  const onTokens = config.finalNorm === "tokens";
  const last = partition.gather(
    { final_norm, ...(pooling && { pool: pooling }), ...(head && { head }) },
    "",
    ...entered,
  );
  const encoded = note("encoded", onTokens ? norm(x, last.final_norm, config) : x);
  const pooled = pool(encoded, last.pool, config, notes(intermediates, keep, "pool/"));
  const feature = onTokens ? pooled : norm(pooled, last.final_norm, config);
  note("pre_logits", feature);
  const logits = config.classes === 0 ? feature : partition.linearToWhole(feature, need(last.head, "head"));
  return { logits: note("logits", logits), intermediates };
}

type EmbeddingParameters = Omit<ViTParameters<tf.Tensor>, "encoder" | "final_norm" | "pool" | "head">;

/** Patches, positions, class token: [batch, tokens, width]. */
function embed(params: EmbeddingParameters, images: tf.Tensor, config: LocalConfig, note: Note): tf.Tensor {
  const patches = note("patches", nn.linear(nn.patchify(images, config.patchSide), params.patch));
  let tokens: tf.Tensor = tf.add(patches, params.positions);
  if (config.pooling === "tok") {
    // The class token has no position of its own: it joins after the table is added.
    const [batch] = patches.shape as [number];
    const row = tf.reshape(need(params.class_token, "class_token"), [1, 1, config.width]);
    const classToken = tf.tile(row, [batch, 1, 1]);
    tokens = tf.concat([classToken, tokens], 1);
  }
  if (config.embeddingNorm) {
    tokens = norm(tokens, need(params.embedding_norm, "embedding_norm"), config);
  }
  return note("tokens", tokens);
}

function checkImages({ shape, dtype }: tf.Tensor, { imageSide, channels }: ViTConfig): void {
  const [, height, width, depth] = shape;
  if (shape.length !== 4 || height !== imageSide || width !== imageSide || depth !== channels) {
    throw new RangeError(
      `images have shape [${shape}]; this model takes [batch, ${imageSide}, ${imageSide}, ${channels}]: resize them, ` +
        "or move the model to their size with atResolution",
    );
  }
  if (dtype !== "float32") {
    throw new RangeError(
      `images are ${dtype}; cast them to float32 and scale them to the range the model was made for`,
    );
  }
}
