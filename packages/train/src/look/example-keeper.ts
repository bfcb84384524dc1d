import type { HostTensor } from "@vitscale/core";
import type { Batch } from "@vitscale/data";
import { type ImagePass, type ScoreImages, softmax } from "@vitscale/eval";

/** An image that a model answered, as the model saw it. */
export interface Example {
  /** Number of the sample in its data set. */
  readonly sample: number;
  readonly truth: number;
  readonly answer: number;
  /** Probability of the answer, 0 … 1. */
  readonly confidence: number;
  /** [height, width, channels] */
  readonly image: HostTensor<"uint8">;
}

/** How many examples are kept: bounded, whatever the number of images and classes. */
export interface KeeperLimits {
  /** Of each pair of truth and answer, those of the highest confidence. */
  readonly perCell?: number;
  /** In all; right answers give way first, then the mistakes of the least confidence. */
  readonly most?: number;
}

/** Keeps the most telling images of a pass. */
export interface ExampleKeeper {
  /** The same pass and model, watched. */
  watch(pass: ImagePass, score: ScoreImages): { readonly pass: ImagePass; readonly score: ScoreImages };
  /** What was kept, the most confident mistake first, right answers last. */
  examples(): Example[];
  /** Classes of all images that were seen, kept or not. */
  readonly truths: readonly number[];
  readonly answers: readonly number[];
}

/**
 * Keeps, while predictions are made, the images that a person should look at, because afterwards they are gone: in each cell of the
 * confusion matrix the answers that the model was surest of. Images of floats, whose colours nobody knows, are not kept.
 *
 * @param classes of the model, which are those of the data
 */
export function keepExamples(classes: number, { perCell = 3, most = 240 }: KeeperLimits = {}): ExampleKeeper {
  const cells = new Map<number, Example[]>();
  const [truths, answers]: [number[], number[]] = [[], []];
  let kept = 0;

  const offer = (truth: number, answer: number, confidence: number, take: () => Example | undefined) => {
    truths.push(truth);
    answers.push(answer);
    const cell = truth * classes + answer;
    const own = cells.get(cell) ?? [];
    if (own.length >= perCell && own.at(-1)!.confidence >= confidence) return;
    const example = take();
    if (example === undefined) return;
    own.push(example);
    own.sort(surestFirst);
    cells.set(cell, own);
    kept += 1;
    if (own.length > perCell) {
      own.pop();
      kept -= 1;
    }
    // Rarely, so that the cost of looking through all stays small.
    if (kept > 2 * most) trim();
  };
  const trim = () => {
    const chosen = all(cells).slice(0, most);
    cells.clear();
    for (const example of chosen) {
      const cell = example.truth * classes + example.answer;
      cells.set(cell, [...(cells.get(cell) ?? []), example]);
    }
    kept = chosen.length;
  };

  return {
    truths,
    answers,
    watch(pass, score) {
      let batch: Batch | undefined;
      return {
        pass: {
          ...{ source: pass.source, stepsPerEpoch: pass.stepsPerEpoch },
          async next() {
            batch = await pass.next();
            return batch;
          },
        },
        async score(images) {
          const scores = await score(images);
          if (batch !== undefined) offerBatch(batch, pass.source.labels, scores, offer);
          return scores;
        },
      };
    },
    examples() {
      trim();
      return all(cells);
    },
  };
}

const isMistake = ({ truth, answer }: Example) => truth !== answer;
const surestFirst = (a: Example, b: Example) => b.confidence - a.confidence || a.sample - b.sample;

function all(cells: ReadonlyMap<number, readonly Example[]>): Example[] {
  const examples = [...cells.values()].flat();
  return examples.sort((a, b) => Number(isMistake(b)) - Number(isMistake(a)) || surestFirst(a, b));
}

function offerBatch(
  { image, index }: Batch,
  labels: ArrayLike<number>,
  { data, shape }: HostTensor<"float32">,
  offer: (truth: number, answer: number, confidence: number, take: () => Example | undefined) => void,
): void {
  const [rows = 0, width = 0] = shape;
  const probabilities = softmax({ width, data }).data;
  const [, ...imageShape] = image.shape;
  const size = imageShape.reduce((product, axis) => product * axis, 1);
  for (let row = 0; row < rows; row++) {
    const sample = index.data[row]!;
    if (sample < 0) continue;
    const own = probabilities.subarray(row * width, (row + 1) * width);
    let answer = 0;
    for (let label = 1; label < width; label++) if (own[label]! > own[answer]!) answer = label;
    const [truth, confidence] = [labels[sample]!, own[answer]!];
    offer(truth, answer, confidence, () => {
      if (!(image.data instanceof Uint8Array)) return undefined;
      const pixels = image.data.slice(row * size, (row + 1) * size);
      return { sample, truth, answer, confidence, image: { dtype: "uint8", shape: imageShape, data: pixels } };
    });
  }
}
