import * as tf from "@tensorflow/tfjs-core";
import { type Engine, jit } from "@vitscale/core";
import { equalBlocks, rowBlock } from "./blocks.ts";
import { checkSameWidth, checkVectors, type Vectors } from "./features.ts";

/** Similarities of some queries with the whole bank. */
export interface SimilarityRows {
  /** The first query. */
  readonly start: number;
  readonly count: number;
  /** [count, bank rows] inner products. */
  readonly similarities: Float32Array;
}

/** Similarities in memory at once: 32 MB. */
const similaritiesAtOnce = 2 ** 23;

/**
 * Inner products of queries [queries, width] with all rows of a bank [rows, width], some queries at a time. The last rows may come
 * twice.
 *
 * @throws RangeError for unequal widths and numbers that are not finite
 */
export async function* similarityRows(
  queries: Vectors,
  bank: Vectors,
  { engine }: { readonly engine?: Engine } = {},
): AsyncGenerator<SimilarityRows, void> {
  const { rows: count } = checkVectors(queries, "queries");
  const { rows } = checkVectors(bank, "bank");
  checkSameWidth(queries, bank);
  const products = jit(
    function similarities(block: tf.Tensor2D, all: tf.Tensor2D) {
      return tf.matMul(block, all, false, true);
    },
    engine === undefined ? {} : { engine },
  );
  try {
    for (const block of equalBlocks(count, Math.max(1, Math.floor(similaritiesAtOnce / rows)))) {
      const result = await products(rowBlock(queries, block.start, block.count), bank);
      const similarities = (await result.read()) as Float32Array;
      result.dispose();
      yield { ...block, similarities };
    }
  } finally {
    await products.dispose();
  }
}
