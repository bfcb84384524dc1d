import * as tf from "@tensorflow/tfjs-core";
import { type Engine, jit } from "@vitscale/core";
import { counted } from "../counted.ts";
import { equalBlocks, rowBlock } from "./blocks.ts";
import { centredUnitVectors, checkSameWidth, checkVectors, unitVectors, type Vectors } from "./features.ts";

/** The most similar rows of a bank for each query, most similar first. */
export interface Neighbours {
  readonly k: number;
  /** [queries, k] rows of the bank. */
  readonly rows: Int32Array;
  /** [queries, k] cosines. */
  readonly similarities: Float64Array;
}

/** Products of one block: 128 queries by 65,536 rows are 32 MB of similarities, whatever the size of the bank. */
const queryBlock = 128;
const bankBlock = 65_536;

/** Candidates beyond k: neighbours that float32 puts in a wrong order are mostly still among them. */
const spare = 8;

/**
 * The `k` rows of a bank with the largest cosine to each query. The engine proposes eight more in float32, double precision orders them; of equal
 * cosines the lower row comes first. The bank is centred for the proposals, which takes as much from all similarities of a query: else rows
 * that all lie in about one direction, as features after a ReLU do, would differ by less than float32 can tell of numbers near 1.
 *
 * @param queries [queries, width]
 * @param bank [rows, width]
 * @throws RangeError for unequal widths, numbers that are not finite, and more neighbours than rows
 */
export async function cosineNeighbours(
  queries: Vectors,
  bank: Vectors,
  k: number,
  { engine }: { readonly engine?: Engine } = {},
): Promise<Neighbours> {
  const { rows: count } = checkVectors(queries, "queries");
  const { rows } = checkVectors(bank, "bank");
  checkSameWidth(queries, bank);
  const most = Math.min(rows, bankBlock - spare);
  if (!Number.isInteger(k) || k < 1 || k > most) {
    throw new RangeError(`${k} neighbours in a bank of ${counted(rows, "row")}; give an integer from 1 to ${most}`);
  }
  const proposed = Math.min(k + spare, rows, bankBlock);
  const closest = jit(
    function nearest(block: tf.Tensor2D, part: tf.Tensor2D) {
      return tf.topk(tf.matMul(block, part, false, true), proposed).indices;
    },
    engine === undefined ? {} : { engine },
  );
  const [unitQueries, unitBank] = [unitVectors(queries), centredUnitVectors(bank)];
  const [queryNorms, bankNorms] = [norms(queries), norms(bank)];
  const found: Neighbours = {
    k,
    rows: new Int32Array(count * k),
    similarities: new Float64Array(count * k).fill(Number.NEGATIVE_INFINITY),
  };
  let searched = 0;
  for (const part of equalBlocks(rows, bankBlock)) {
    const candidates = rowBlock(unitBank, part.start, part.count);
    for (const block of equalBlocks(count, queryBlock)) {
      const result = await closest(rowBlock(unitQueries, block.start, block.count), candidates);
      const places = await result.read();
      result.dispose();
      for (let i = 0; i < places.length; i++) {
        const query = block.start + Math.floor(i / proposed);
        const row = part.start + places[i]!;
        // Parts of the bank overlap at its end: what an earlier one had does not enter again.
        if (row < searched) continue;
        insert(found, query, row, dot(queries, query, bank, row) / (queryNorms[query]! * bankNorms[row]! || 1));
      }
    }
    searched = part.start + part.count;
  }
  await closest.dispose();
  return found;
}

/** Puts a row among the neighbours of a query, if it is close enough and not there yet: blocks of queries may overlap. */
function insert({ k, rows, similarities }: Neighbours, query: number, row: number, similarity: number): void {
  const [first, last] = [query * k, query * k + k - 1];
  const isBehind = (place: number) =>
    similarity > similarities[place]! || (similarity === similarities[place]! && row < rows[place]!);
  if (!isBehind(last)) return;
  let place = last;
  while (place > first && isBehind(place - 1)) place--;
  if (place > first && rows[place - 1] === row && similarities[place - 1] === similarity) return;
  rows.copyWithin(place + 1, place, last);
  similarities.copyWithin(place + 1, place, last);
  rows[place] = row;
  similarities[place] = similarity;
}

function dot(a: Vectors, rowOfA: number, b: Vectors, rowOfB: number): number {
  const width = a.shape[1]!;
  const [startOfA, startOfB] = [rowOfA * width, rowOfB * width];
  let sum = 0;
  for (let i = 0; i < width; i++) sum += a.data[startOfA + i]! * b.data[startOfB + i]!;
  return sum;
}

function norms(vectors: Vectors): Float64Array {
  return Float64Array.from({ length: vectors.shape[0]! }, (_, row) => Math.sqrt(dot(vectors, row, vectors, row)));
}
