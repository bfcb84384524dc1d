import { dealRows, dealtGroups, estimateAround } from "../statistics/dealt.ts";
import { bootstrap, type Estimate } from "../statistics/index.ts";
import type { SuiteOptions } from "../suite/suite.ts";
import { ascendingOrder } from "./order.ts";
import { auroc, averagePrecision, fprAtTpr, rocOfOrder } from "./roc.ts";

/** Rows that are drawn again for intervals; of more, random groups tell how measures scatter. */
const mostDrawn = 2 ** 17;

/** How well a score tells rows of another kind from known ones. */
export type DetectionMeasure = "auroc" | "fpr95" | "fpr95-accepting" | "average-precision";

/**
 * The measures of a score, with intervals of 95 %.
 *
 * @param scores [rows] that should be higher for positives
 * @param positive [rows] 1 for rows of another kind, 0 for known ones
 * @param drawn how many rows are drawn again at most
 */
export function detectionMeasures(
  scores: Float64Array,
  positive: Int32Array,
  options: SuiteOptions = {},
  drawn = mostDrawn,
): Record<DetectionMeasure, Estimate> {
  const statistics = measuresOf(scores, positive);
  const { length } = scores;
  if (length <= drawn) {
    const { "average-precision": precision, ...others } = bootstrap(length, statistics, {
      ...options,
      strata: positive,
    });
    // Rows drawn twice raise a precision that is low: all drawings can lie above it.
    return { ...others, "average-precision": { ...precision, low: Math.min(precision.low, precision.value) } };
  }
  const group = dealRows(length, options);
  const ofGroups = Array.from({ length: dealtGroups }, (_, own) => {
    const rows = Int32Array.from(group.keys()).filter((row) => group[row] === own);
    const values = Float64Array.from(rows, (row) => scores[row]!);
    return measuresOf(
      values,
      rows.map((row) => positive[row]!),
    )();
  });
  const estimates = Object.entries(statistics()).map(([name, value]) => {
    // A group without rows of one kind tells nothing.
    const known = ofGroups.map((measures) => measures[name as DetectionMeasure]).filter((own) => !Number.isNaN(own));
    return [name, estimateAround(value, known, length)];
  });
  return Object.fromEntries(estimates) as Record<DetectionMeasure, Estimate>;
}

/** The measures of rows that count as often as the weights say. */
function measuresOf(scores: Float64Array, positive: Int32Array) {
  const order = ascendingOrder(scores);
  const turned = scores.map((score) => -score);
  const turnedOrder = ascendingOrder(turned);
  const negative = positive.map((value) => 1 - value);
  return (weights?: Int32Array): Record<DetectionMeasure, number> => {
    const curve = rocOfOrder(scores, positive, order, weights);
    return {
      auroc: auroc(curve),
      fpr95: fprAtTpr(curve),
      "fpr95-accepting": fprAtTpr(rocOfOrder(turned, negative, turnedOrder, weights)),
      "average-precision": averagePrecision(curve),
    };
  };
}
