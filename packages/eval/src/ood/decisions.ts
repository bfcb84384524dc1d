import type { HostTensor } from "@vitscale/core";

/** The best classes of every image, best first: [images, k] class numbers, row after row. */
export interface Decisions {
  readonly k: number;
  readonly classes: Int32Array | Uint16Array;
}

/** Number of images. */
export function decisionCount({ k, classes }: Decisions): number {
  return classes.length / k;
}

/**
 * The `k` classes of the highest scores. Of equal scores the lower class comes first.
 *
 * @param scores [images, classes], probabilities or logits
 * @param among the classes that may be decided for; all unless given
 * @throws RangeError for a NaN score, naming the row, and when k is more than the classes there are
 */
export function decide(scores: HostTensor<"float32">, k: number, among?: readonly number[]): Decisions {
  const [images = 0, width = 0] = scores.shape;
  const candidates = Int32Array.from(among ?? Array.from({ length: width }, (_, source) => source)).sort();
  if (scores.shape.length !== 2 || !Number.isInteger(k) || k < 1 || k > candidates.length) {
    throw new RangeError(
      `the ${k} best of ${candidates.length} classes of scores [${scores.shape}]; give [images, classes] and k from 1 to ${candidates.length}`,
    );
  }
  const classes = new Int32Array(images * k);
  const best = new Float32Array(k);
  for (let image = 0; image < images; image++) {
    const row = scores.data.subarray(image * width, (image + 1) * width);
    const ranked = classes.subarray(image * k, (image + 1) * k);
    let filled = 0;
    for (const source of candidates) {
      const score = row[source]!;
      if (Number.isNaN(score)) throw new RangeError(`row ${image} has a NaN score for class ${source}`);
      if (filled === k && score <= best[k - 1]!) continue;
      let place = filled < k ? filled++ : k - 1;
      for (; place > 0 && score > best[place - 1]!; place--) {
        best[place] = best[place - 1]!;
        ranked[place] = ranked[place - 1]!;
      }
      best[place] = score;
      ranked[place] = source;
    }
  }
  return { k, classes };
}

/**
 * Decisions restricted to some classes, as far as the list of the best ones tells: the others are struck out, and what is left moves
 * up. Places that stay empty hold -1, which no label accepts.
 */
export function restrictDecisions({ k, classes }: Decisions, among: readonly number[]): Decisions {
  const allowed = new Set(among);
  const kept = new Int32Array(classes.length).fill(-1);
  for (let start = 0; start < classes.length; start += k) {
    let place = start;
    for (let i = start; i < start + k; i++) if (allowed.has(classes[i]!)) kept[place++] = classes[i]!;
  }
  return { k, classes: kept };
}

/** Decisions on images in several parts, `k` on each, as those on all of them. */
export function joinDecisions(parts: readonly Decisions[]): Decisions {
  const classes = new Int32Array(parts.reduce((sum, part) => sum + part.classes.length, 0));
  let at = 0;
  for (const part of parts) {
    classes.set(part.classes, at);
    at += part.classes.length;
  }
  return { k: parts[0]?.k ?? 1, classes };
}
