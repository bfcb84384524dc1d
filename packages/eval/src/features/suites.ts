import { topKAccuracy } from "../accuracy.ts";
import { chart, linear, logarithmic } from "../plots/index.ts";
import type { Estimate } from "../statistics/index.ts";
import type { Plot, Suite, SuiteOptions } from "../suite/suite.ts";
import { roleNeeds, roleRows, splitFeatures, splitNeeds, vectorsOf, wholeLabels } from "./columns.ts";
import { takeVectors } from "./features.ts";
import { type FewShotOptions, fewShot } from "./few-shot.ts";
import { defaultNeighbours, type KnnOptions, voted } from "./knn.ts";
import { linearPredictions } from "./linear-scores.ts";
import { cosineNeighbours } from "./nearest.ts";
import { type SweptProbe, type SweptProbeOptions, sweptProbe } from "./probe.ts";
import { type RetrievalOptions, retrieval } from "./retrieval.ts";
import { imageOfEachText } from "./retrieval-columns.ts";
import { type SgdProbe, type SgdProbeOptions, sgdProbe } from "./sgd-probe.ts";
import { classVectors, zeroShot } from "./zero-shot.ts";

/** Few-shot accuracy of frozen features by ridge regression: {@link fewShot}. */
export function fewShotSuite(options: FewShotOptions = {}): Suite {
  return {
    name: "fewshot",
    measures: "accuracy of ridge regression on frozen features of a few images of each class",
    needs: splitNeeds,
    async run(predictions) {
      const { train, test } = splitFeatures(predictions);
      const results = await fewShot(train, test, options);
      const penalties = [...new Set(results.map(({ l2 }) => l2))];
      const nameOf = (shots: number, l2: number) => `${shots}-shot${penalties.length > 1 ? `/l2-${l2}` : ""}/accuracy`;
      const curves = penalties.map((penalty) => ({
        name: `l2 ${penalty}`,
        points: results.filter(({ l2 }) => l2 === penalty).map(({ shots, accuracy }) => ({ x: shots, accuracy })),
      }));
      return {
        metrics: Object.fromEntries(results.map(({ shots, l2, accuracy }) => [nameOf(shots, l2), accuracy])),
        tables: [
          {
            title: "Few-shot accuracy",
            columns: ["shots", "l2", "mean over seeds", "each seed"],
            rows: results.map(({ shots, l2, accuracy, accuracies }) => [
              shots,
              l2,
              accuracy,
              accuracies.map((value) => value.toFixed(4)).join(", "),
            ]),
          },
        ],
        plots: [accuracyCurves("Few-shot accuracy", "fewshot", "images of each class", curves)],
        notes: [`Intervals are over the choices of training images, not over the ${test.labels.length} test images.`],
      };
    },
  };
}

/** Accuracy of the nearest neighbours among frozen features, weighted and not: {@link voted}. */
export function knnSuite({ neighbours = defaultNeighbours, temperature = 0.07, ...options }: KnnOptions = {}): Suite {
  return {
    name: "knn",
    measures: "accuracy of the vote of the most similar training images, by cosine of frozen features",
    needs: splitNeeds,
    async run(predictions) {
      const { train, test } = splitFeatures(predictions);
      const counts = neighbours.filter((k) => k <= train.labels.length);
      if (counts.length === 0) counts.push(train.labels.length);
      const nearest = await cosineNeighbours(test.vectors, train.vectors, Math.max(...counts), options);
      const accuracies = Object.entries({
        [`temperature ${temperature}`]: temperature,
        "equal votes": Number.POSITIVE_INFINITY,
      }).map(([name, weighting]) => ({
        name,
        points: counts.map((k) => ({
          x: k,
          accuracy: topKAccuracy(voted(nearest, train, test.labels, k, weighting)),
        })),
      }));
      const [weighted, equal] = accuracies.map(({ points }) => points) as [CurvePoint[], CurvePoint[]];
      return {
        metrics: Object.fromEntries([
          ...weighted.map(({ x, accuracy }) => [`${x}-nn/accuracy`, accuracy]),
          ...equal.map(({ x, accuracy }) => [`${x}-nn-equal/accuracy`, accuracy]),
        ]),
        tables: [
          {
            title: "Nearest neighbours",
            columns: ["neighbours", `votes at temperature ${temperature}`, "equal votes"],
            rows: counts.map((k, i) => [k, weighted[i]!.accuracy, equal[i]!.accuracy]),
          },
        ],
        plots: [accuracyCurves("Accuracy of nearest neighbours", "knn", "neighbours that vote", accuracies)],
        notes:
          counts.length < neighbours.length
            ? [`There are ${train.labels.length} training images: larger numbers of neighbours were left out.`]
            : [],
      };
    },
  };
}

/** How the probe suite trains: convex and exact by default, or by gradient descent as DINO does; each with its own options. */
export type ProbeSuiteOptions =
  | ({ readonly method?: "lbfgs" } & SweptProbeOptions)
  | ({ readonly method: "sgd" } & SgdProbeOptions);

const sgdOptions = ["epochs", "batchSize", "learningRate", "momentum"] as const;
const lbfgsOptions = ["l2", "heldOut", "tolerance", "maxIterations", "memory"] as const;

/**
 * Accuracy of a linear probe: convex, with a penalty that is chosen on held-out training images ({@link sweptProbe}), or by gradient descent
 * ({@link sgdProbe}).
 *
 * @throws RangeError for another method, and for an option of the method that is not used
 */
export function probeSuite(options: ProbeSuiteOptions = {}): Suite {
  const { method = "lbfgs" } = options;
  if (method !== "lbfgs" && method !== "sgd") {
    throw new RangeError(`probe.method is ${JSON.stringify(method)}; it must be "lbfgs" or "sgd"`);
  }
  const foreign = (method === "sgd" ? lbfgsOptions : sgdOptions).find((name) => Object.hasOwn(options, name));
  if (foreign !== undefined) {
    throw new RangeError(
      `probe.${foreign} is no option of the method "${method}"; leave it out, or give the other method`,
    );
  }
  return {
    name: "probe",
    measures: "accuracy of a linear classifier on frozen features",
    needs: splitNeeds,
    async run(predictions, { seed = 0 }: SuiteOptions = {}) {
      const { train, test } = splitFeatures(predictions);
      const { classifier, ...rest } =
        options.method === "sgd"
          ? descended(await sgdProbe(train, { seed, ...withoutMethod(options) }))
          : swept(await sweptProbe(train, { seed, ...withoutMethod(options) }));
      const accuracy = topKAccuracy(await linearPredictions(test, classifier));
      const onTrain = topKAccuracy(await linearPredictions(train, classifier));
      return { metrics: { accuracy, "train-accuracy": onTrain }, plots: [], ...rest };
    },
  };
}

function withoutMethod<Options extends ProbeSuiteOptions>({ method: _, ...options }: Options) {
  return options;
}

function swept({ classifier, l2, sweep, minimum }: SweptProbe) {
  return {
    classifier,
    tables: [
      {
        title: "Choice of the penalty",
        columns: ["l2", "accuracy on held-out training images"],
        rows: sweep.map((entry) => [entry.l2, entry.accuracy]),
      },
    ],
    notes: [
      `l2 ${l2} was chosen. The fit to all training images ended ${minimum.status} after ${minimum.iterations} ` +
        `iterations, with a gradient of ${minimum.gradientNorm.toExponential(1)}.`,
    ],
  };
}

/** Some of the epochs, for the loss is to be seen falling. */
const shownEpochs = 10;

function descended({ classifier, losses }: SgdProbe) {
  const every = Math.max(1, Math.ceil(losses.length / shownEpochs));
  const rows = losses.map((loss, epoch) => [epoch + 1, loss]);
  return {
    classifier,
    tables: [
      {
        title: "Loss of the probe",
        columns: ["epoch", "mean loss of its steps"],
        rows: rows.filter((_, epoch) => epoch % every === 0 || epoch === losses.length - 1),
      },
    ],
    notes: [`Trained by gradient descent for ${losses.length} epochs; no penalty, features as they come.`],
  };
}

/** Zero-shot accuracy of an image tower and a text tower: {@link zeroShot}. */
export const zeroShotSuite: Suite = {
  name: "zeroshot",
  measures: "accuracy of the class whose prompts are nearest to an image, without training",
  needs: { ...roleNeeds, label: "class of each image; of each text, the class that its prompt names" },
  async run(predictions) {
    const { images, texts } = roleRows(predictions);
    const [vectors, labels] = [vectorsOf(predictions), wholeLabels(predictions)];
    const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0);
    const promptLabels = Int32Array.from(texts, (row) => labels[row]!);
    const prototypes = classVectors(takeVectors(vectors, texts), promptLabels, classes);
    const imageLabels = Int32Array.from(images, (row) => labels[row]!);
    const scored = await zeroShot({ vectors: takeVectors(vectors, images), labels: imageLabels, classes }, prototypes);
    return {
      metrics: { top1: topKAccuracy(scored), ...(classes > 5 && { top5: topKAccuracy(scored, 5) }) },
      tables: [],
      plots: [],
      notes: [`${texts.length} prompts of ${classes} classes.`],
    };
  },
};

/** Retrieval between images and texts in both directions: {@link retrieval}. */
export function retrievalSuite(options: RetrievalOptions = {}): Suite {
  return {
    name: "retrieval",
    measures: "how often an image finds its text, and a text its image, among the nearest",
    needs: { ...roleNeeds, image: "name of each image; of each text, the name of the image that it belongs to" },
    async run(predictions) {
      const { images, texts } = roleRows(predictions);
      const vectors = vectorsOf(predictions);
      const owners = imageOfEachText(predictions, images, texts);
      const found = await retrieval(takeVectors(vectors, images), takeVectors(vectors, texts), owners, options);
      const directions = { "text-to-image": found.textToImage, "image-to-text": found.imageToText };
      const metrics: Record<string, Estimate> = {};
      for (const [name, { recall, meanReciprocalRank }] of Object.entries(directions)) {
        for (const [k, share] of recall) metrics[`${name}/recall-${k}`] = share;
        metrics[`${name}/mean-reciprocal-rank`] = meanReciprocalRank;
      }
      const lengths = [...found.textToImage.recall.keys()];
      return {
        metrics,
        tables: [
          {
            title: "Retrieval",
            columns: ["direction", ...lengths.map((k) => `recall at ${k}`), "median rank", "mean reciprocal rank"],
            rows: Object.entries(directions).map(([name, { recall, medianRank, meanReciprocalRank }]) => [
              name.replaceAll("-", " "),
              ...lengths.map((k) => recall.get(k)!),
              medianRank,
              meanReciprocalRank,
            ]),
          },
        ],
        plots: [],
        notes: [`${images.length} images and ${texts.length} texts.`],
      };
    },
  };
}

interface CurvePoint {
  readonly x: number;
  readonly accuracy: Estimate;
}

/** Accuracy over a number that grows by factors; one curve for each name. */
function accuracyCurves(
  title: string,
  name: string,
  label: string,
  curves: readonly { readonly name: string; readonly points: readonly CurvePoint[] }[],
): Plot {
  const numbers = curves.flatMap(({ points }) => points.map(({ x }) => x));
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const marks = curves.flatMap((curve) => {
    const points = curve.points.map(({ x, accuracy: { value, low, high } }) =>
      Number.isNaN(low) ? { x, y: value } : { x, y: value, low: Math.max(0, low), high: Math.min(1, high) },
    );
    const symbols = points.map(({ x, y }) => ({ x, y }));
    return [
      { kind: "line", name: curve.name, points } as const,
      { kind: "points", name: curve.name, points: symbols } as const,
    ];
  });
  const best = curves.map(
    ({ name: curve, points }) =>
      `${curve}: ${points.map(({ x, accuracy }) => `${x} ${accuracy.value.toFixed(3)}`).join(", ")}`,
  );
  const svg = chart({
    title,
    description: best.join("; "),
    x: { label, scale: least < most ? logarithmic([least, most]) : linear([least - 1, most + 1]) },
    y: { label: "accuracy", scale: linear([0, 1]) },
    marks,
  });
  return { name, title, svg };
}
