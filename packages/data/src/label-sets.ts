import { sharedInt32, sharedLabels } from "./files/shared.ts";

/**
 * The classes of every sample of a data set in which one may have several, or none: those of sample i are `numbers` from `ends[i]` up to
 * `ends[i + 1]`. Both lie in shared memory.
 */
export interface LabelSets {
  /** `[all labels]` class numbers. */
  readonly numbers: Int32Array;
  /** `[samples + 1]`, from 0 on. */
  readonly ends: Int32Array;
}

/** Labels of samples: one for each, and all of them where there may be several. */
export interface Labelled {
  readonly labels: Int32Array;
  readonly labelSets?: LabelSets;
}

/**
 * Sets with the first label of each sample, -1 where it has none.
 *
 * @param numbers all labels, one sample after another
 * @param counts labels of each sample
 */
export function labelSetsOf(numbers: ArrayLike<number>, counts: readonly number[]): Required<Labelled> {
  const ends = sharedInt32(counts.length + 1);
  const labels = sharedInt32(counts.length);
  for (const [sample, count] of counts.entries()) {
    ends[sample + 1] = ends[sample]! + count;
    labels[sample] = count > 0 ? numbers[ends[sample]!]! : -1;
  }
  return { labels, labelSets: { numbers: sharedLabels(numbers), ends } };
}

/** All class numbers of a sample. */
export function labelsOf({ labels, labelSets }: Labelled, sample: number): Int32Array {
  if (labelSets === undefined) return labels.subarray(sample, sample + 1);
  return labelSets.numbers.subarray(labelSets.ends[sample], labelSets.ends[sample + 1]);
}
