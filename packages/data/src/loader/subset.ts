import { fieldsOf, requireFields, requireInteger, requireOneOf } from "../checks.ts";
import { permutation } from "../random/random.ts";
import { foldName, keyOf } from "../random/threefry.ts";

/** Which samples of a data set take part. Their numbers stay those of the whole set. */
export type Subset =
  /** Samples `from` to `to - 1`; to the end if not given. */
  | { readonly kind: "range"; readonly from?: number; readonly to?: number }
  /** A random share of all samples, or the rest: two parts that have no sample in common. */
  | { readonly kind: "share"; readonly share: number; readonly part: "chosen" | "rest"; readonly seed?: number }
  /** The same number of random samples of every class, as few-shot evaluation takes them. */
  | { readonly kind: "perClass"; readonly count: number; readonly seed?: number };

const fieldsOfKind: { readonly [Kind in Subset["kind"]]: readonly string[] } = {
  range: fieldsOf<SubsetOf<"range">>({ kind: true, from: true, to: true }),
  share: fieldsOf<SubsetOf<"share">>({ kind: true, share: true, part: true, seed: true }),
  perClass: fieldsOf<SubsetOf<"perClass">>({ kind: true, count: true, seed: true }),
};

type SubsetOf<Kind> = Extract<Subset, { readonly kind: Kind }>;

/**
 * Numbers of the samples in a subset, ascending.
 *
 * @throws RangeError for unknown words and fields, when the subset is empty or reaches outside the set, and when a class has
 *   too few samples.
 */
export function samplesOf(subset: Subset | undefined, labels: Int32Array, classes: readonly string[]): Uint32Array {
  const { length } = labels;
  if (length === 0) throw new RangeError("the data set has no samples; look at what its catalog found");
  const all = Uint32Array.from({ length }, (_, i) => i);
  if (subset === undefined) return all;
  const shuffled = (seed = 0) => permutation(length, foldName(keyOf(seed), "subset"));
  requireOneOf("kind of the subset", subset?.kind, Object.keys(fieldsOfKind));
  requireFields(subset, "the subset", fieldsOfKind[subset.kind]);
  let samples: Uint32Array;
  switch (subset.kind) {
    case "range": {
      const { from = 0, to = length } = subset;
      if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to <= length)) {
        throw new RangeError(`a subset from ${from} to ${to} of ${length} samples; give integers from 0 to ${length}`);
      }
      samples = all.slice(from, to);
      break;
    }
    case "share": {
      requireOneOf("part of the subset", subset.part, ["chosen", "rest"]);
      if (!(subset.share >= 0 && subset.share <= 1)) {
        throw new RangeError(`a subset with share ${subset.share}; give a number from 0 to 1`);
      }
      const cut = Math.round(length * subset.share);
      const order = shuffled(subset.seed);
      samples = (subset.part === "chosen" ? order.slice(0, cut) : order.slice(cut)).sort();
      break;
    }
    case "perClass": {
      requireInteger("count of the subset", subset.count, 1);
      const taken = new Array<number>(classes.length).fill(0);
      samples = shuffled(subset.seed)
        .filter((index) => {
          const label = labels[index]!;
          return taken[label] !== undefined && taken[label]++ < subset.count;
        })
        .sort();
      const short = taken.findIndex((count) => count < subset.count);
      if (short >= 0) {
        throw new RangeError(
          `a subset of ${subset.count} per class, but "${classes[short]}" has ${taken[short]}; ask for fewer`,
        );
      }
      break;
    }
  }
  if (samples.length === 0) throw new RangeError(`the subset ${JSON.stringify(subset)} of ${length} samples is empty`);
  return samples;
}
