import type { Engine } from "@vitscale/core";
import { type Estimate, meanEstimate, quantile, wilsonInterval } from "../statistics/index.ts";
import { unitVectors, type Vectors } from "./features.ts";
import { similarityRows } from "./similarity-rows.ts";

/** Retrieval in one direction. */
export interface Retrieval {
  /** Place of the best right answer of each query, 1 for the first: [queries]. */
  readonly ranks: Int32Array;
  /** Share of queries with a right answer among the first k, for each k. */
  readonly recall: ReadonlyMap<number, Estimate>;
  readonly medianRank: number;
  /** Mean of 1 / rank. */
  readonly meanReciprocalRank: Estimate;
}

/** Options of {@link retrieval}. */
export interface RetrievalOptions {
  /** Lengths of the lists that are looked at; 1, 5 and 10 by default. */
  readonly at?: readonly number[];
  readonly engine?: Engine;
}

/**
 * Retrieval between images and texts by cosine, in both directions. An image may have several texts: text to image asks for the one
 * image, image to text for any of its texts. Of equal similarities the lower row comes first.
 *
 * As `evaluators/proj/image_text/image_text_retrieval.py` of big_vision.
 *
 * @param images [images, width]
 * @param texts [texts, width]
 * @param imageOfText [texts] the image that each text belongs to
 * @throws RangeError for broken vectors, a text of no image, naming the row, and an image without text
 */
export async function retrieval(
  images: Vectors,
  texts: Vectors,
  imageOfText: ArrayLike<number>,
  { at = [1, 5, 10], ...options }: RetrievalOptions = {},
): Promise<{ textToImage: Retrieval; imageToText: Retrieval }> {
  const wrong = at.find((k) => !Number.isInteger(k) || k < 1);
  if (wrong !== undefined || at.length === 0) {
    throw new RangeError(`recall is asked for at [${at.join(", ")}]; give one positive integer or more`);
  }
  const textsOfImage = textsByImage(imageOfText, images.shape[0] ?? 0, texts.shape[0] ?? 0);
  const [unitImages, unitTexts] = [unitVectors(images), unitVectors(texts)];
  const direction = async (queries: Vectors, bank: Vectors, relevant: readonly (readonly number[])[]) => {
    const ranks = new Int32Array(relevant.length);
    const width = bank.shape[0]!;
    for await (const { start, count, similarities } of similarityRows(queries, bank, options)) {
      for (let query = 0; query < count; query++) {
        const row = similarities.subarray(query * width, (query + 1) * width);
        ranks[start + query] = rankOfBest(row, relevant[start + query]!);
      }
    }
    return summary(ranks, at);
  };
  const imageLists = Array.from(imageOfText, (image) => [image]);
  return {
    textToImage: await direction(unitTexts, unitImages, imageLists),
    imageToText: await direction(unitImages, unitTexts, textsOfImage),
  };
}

/** The place of the most similar relevant candidate among all, 1 for the first. */
export function rankOfBest(similarities: ArrayLike<number>, relevant: readonly number[]): number {
  let best = relevant[0]!;
  for (const candidate of relevant) {
    const ahead = similarities[candidate]! - similarities[best]!;
    if (ahead > 0 || (ahead === 0 && candidate < best)) best = candidate;
  }
  const own = similarities[best]!;
  let rank = 1;
  for (let other = 0; other < similarities.length; other++) {
    const value = similarities[other]!;
    if (value > own || (value === own && other < best)) rank++;
  }
  return rank;
}

function summary(ranks: Int32Array, at: readonly number[]): Retrieval {
  const hits = (k: number) => ranks.reduce((sum, rank) => sum + (rank <= k ? 1 : 0), 0);
  return {
    ranks,
    recall: new Map(at.map((k) => [k, wilsonInterval(hits(k), ranks.length)])),
    medianRank: quantile(ranks.toSorted(), 0.5),
    meanReciprocalRank: meanEstimate(
      Float64Array.from(ranks, (rank) => 1 / rank),
      [0, 1],
    ),
  };
}

function textsByImage(imageOfText: ArrayLike<number>, images: number, texts: number): number[][] {
  if (imageOfText.length !== texts) {
    throw new RangeError(`${texts} texts, but images of ${imageOfText.length}; give the image of each text`);
  }
  const lists = Array.from({ length: images }, (): number[] => []);
  for (let text = 0; text < texts; text++) {
    const list = lists[imageOfText[text]!];
    if (list === undefined) {
      throw new RangeError(`row ${text} of the texts belongs to image ${imageOfText[text]}; give 0 to ${images - 1}`);
    }
    list.push(text);
  }
  const alone = lists.findIndex((list) => list.length === 0);
  if (alone >= 0) throw new RangeError(`row ${alone} of the images has no text; leave out images without texts`);
  return lists;
}
