import { topKAccuracy } from "../accuracy.ts";
import { counted } from "../counted.ts";
import { keepingColumns } from "../suite/accumulate.ts";
import type { Suite } from "../suite/suite.ts";
import { TableError } from "../table/index.ts";
import { accuracyCurves, type CurvePoint } from "./accuracy-curves.ts";
import { splitColumns, splitFeatures, splitNeeds } from "./columns.ts";
import type { Features } from "./features.ts";
import { type FewShotOptions, fewShot } from "./few-shot.ts";
import { checkNeighbours, defaultNeighbours, type KnnOptions, voted } from "./knn.ts";
import { cosineNeighbours } from "./nearest.ts";

/** Few-shot accuracy of frozen features by ridge regression: {@link fewShot}. */
export function fewShotSuite(options: FewShotOptions = {}): Suite {
  return keepingColumns(splitColumns, {
    name: "fewshot",
    measures: "accuracy of ridge regression on frozen features of a few images of each class",
    needs: splitNeeds,
    async run(predictions) {
      const { train, test, notes } = splitFeatures(predictions);
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
        notes: [
          `Intervals are over the choices of training images, not over the ${counted(test.labels.length, "test image")}.`,
          ...fewerThan(train, Math.max(...results.map(({ shots }) => shots))),
          ...notes,
        ],
      };
    },
  });
}

/** What a reader must know of classes that have fewer training images than are asked for. */
function fewerThan({ labels, classes }: Features, shots: number): string[] {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]!++;
  const few = counts.filter((count) => count > 0 && count < shots).length;
  return few === 0
    ? []
    : [`${few} of ${classes} classes have fewer than ${shots} training images, and give all they have.`];
}

/**
 * Accuracy of the nearest neighbours among frozen features, weighted and not: {@link voted}. Of the numbers of neighbours those are left out
 * that are more than there are training images; if all are, it is an error, unless they are the default.
 */
export function knnSuite({ neighbours, temperature = 0.07, ...options }: KnnOptions = {}): Suite {
  const wanted = checkNeighbours(neighbours ?? defaultNeighbours);
  return keepingColumns(splitColumns, {
    name: "knn",
    measures: "accuracy of the vote of the most similar training images, by cosine of frozen features",
    needs: splitNeeds,
    async run(predictions) {
      const { train, test, notes } = splitFeatures(predictions);
      const { length } = train.labels;
      const counts = wanted.filter((k) => k <= length);
      if (counts.length === 0 && neighbours !== undefined) {
        const problem = `has ${counted(length, "training row")}, fewer than ${Math.min(...wanted)} neighbours; ask for fewer (knn.neighbours)`;
        throw new TableError(predictions.name, problem);
      }
      if (counts.length === 0) counts.push(length);
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
        notes: [
          ...(wanted.some((k) => k > length)
            ? [`There are ${counted(length, "training image")}: larger numbers of neighbours were left out.`]
            : []),
          ...notes,
        ],
      };
    },
  });
}
