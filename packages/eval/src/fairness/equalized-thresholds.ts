import { rocCurve } from "../calibration/roc.ts";
import { checkedRates, type RatePoint, totals } from "./equalized-odds.ts";
import { GroupCounts } from "./group-counts.ts";
import { type Groups, rowsOfGroups } from "./groups.ts";
import { cornersOfLowest } from "./lowest-curve.ts";

/** How one group comes to the common rates. */
export interface GroupThresholds {
  /** Scores from which a row is decided positive: by the stricter rule, and by the more lenient one. */
  readonly strict: number;
  readonly lenient: number;
  /** Chance that the stricter rule is used. */
  readonly strictShare: number;
  /** Chance that the score is not looked at, and the decision positive with the common false positive rate. */
  readonly blindShare: number;
}

/** Thresholds by group, mixed by chance so that all groups have the same rates. */
export interface EqualizedThresholds extends RatePoint {
  readonly groups: readonly GroupThresholds[];
  /** Expected share of wrong decisions on the rows that it was fitted to. */
  readonly error: number;
}

/**
 * Equalised odds from scores (Hardt, Price & Srebro 2016, section 3.2): the fewest expected errors among all rules of score, group and chance
 * under which true and false positive rates are the same in all groups.
 *
 * What a group can reach lies under the upper hull of its ROC curve; what all can reach, under the lowest of the hulls. That is concave and of
 * straight pieces, errors are linear, so that a corner of it is best. A group whose hull is higher comes down by deciding blindly now and then.
 *
 * @param scores [rows] higher means more likely positive
 * @throws RangeError for a group without positives or without negatives
 */
export function fitEqualizedThresholds(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  groups: Groups,
): EqualizedThresholds {
  const counts = new GroupCounts(groups.names).add({ decisions: labels, labels, groups });
  checkedRates(counts);
  const { positives, negatives } = totals(counts);
  const hulls = rowsOfGroups(groups).map((rows) => upperHull(scores, labels, rows));
  const error = ({ falsePositiveRate, truePositiveRate }: RatePoint) =>
    (negatives * falsePositiveRate + positives * (1 - truePositiveRate)) / (positives + negatives);
  const { falsePositiveRate } = cornersOfLowest(hulls).reduce((best, corner) =>
    error(corner) < error(best) ? corner : best,
  );
  const truePositiveRate = hulls.reduce((lowest, hull) => Math.min(lowest, heightAt(hull, falsePositiveRate)), 1);
  const best = { falsePositiveRate, truePositiveRate };
  return { ...best, groups: hulls.map((hull) => thresholdsFor(hull, best)), error: error(best) };
}

/** Chance of deciding positive in every row, [rows]. */
export function equalizedThresholdChances(
  rule: EqualizedThresholds,
  scores: ArrayLike<number>,
  { of }: Groups,
): Float64Array {
  return Float64Array.from(of, (group, row) => {
    const { strict, lenient, strictShare, blindShare } = rule.groups[group]!;
    const score = scores[row]!;
    const seen = (score >= strict ? strictShare : 0) + (score >= lenient ? 1 - strictShare : 0);
    return blindShare * rule.falsePositiveRate + (1 - blindShare) * seen;
  });
}

interface HullPoint extends RatePoint {
  readonly threshold: number;
}

/** Corners of the upper hull of a group's ROC curve, from (0, 0) to (1, 1). */
function upperHull(scores: ArrayLike<number>, labels: ArrayLike<number>, rows: Int32Array): HullPoint[] {
  const { thresholds, falsePositives, truePositives } = rocCurve(
    Float64Array.from(rows, (row) => scores[row]!),
    Uint8Array.from(rows, (row) => labels[row]!),
  );
  const hull: HullPoint[] = [];
  for (let i = 0; i < thresholds.length; i++) {
    const point = {
      threshold: thresholds[i]!,
      falsePositiveRate: falsePositives[i]! / falsePositives.at(-1)!,
      truePositiveRate: truePositives[i]! / truePositives.at(-1)!,
    };
    while (hull.length > 1 && !turnsRight(hull.at(-2)!, hull.at(-1)!, point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

function turnsRight(a: RatePoint, b: RatePoint, c: RatePoint): boolean {
  const [fb, tb] = [b.falsePositiveRate - a.falsePositiveRate, b.truePositiveRate - a.truePositiveRate];
  const [fc, tc] = [c.falsePositiveRate - a.falsePositiveRate, c.truePositiveRate - a.truePositiveRate];
  return fb * tc - tb * fc < 0;
}

/** Height of a hull; where it rises upright, at 0, its top. */
function heightAt(hull: readonly HullPoint[], rate: number): number {
  const { strict, lenient, strictShare } = edgeAt(hull, rate);
  return strictShare * strict.truePositiveRate + (1 - strictShare) * lenient.truePositiveRate;
}

/** The two corners around a false positive rate, and the share of the left one that makes it. Of an upright edge only the top counts. */
function edgeAt(hull: readonly HullPoint[], rate: number) {
  const right = hull.findIndex(
    (point, i) => point.falsePositiveRate >= rate && hull[i + 1]?.falsePositiveRate !== point.falsePositiveRate,
  );
  const lenient = hull[right]!;
  const strict = hull[right - 1] ?? lenient;
  const width = lenient.falsePositiveRate - strict.falsePositiveRate;
  return { strict, lenient, strictShare: width === 0 ? 0 : (lenient.falsePositiveRate - rate) / width };
}

function thresholdsFor(
  hull: readonly HullPoint[],
  { falsePositiveRate, truePositiveRate }: RatePoint,
): GroupThresholds {
  const { strict, lenient, strictShare } = edgeAt(hull, falsePositiveRate);
  const height = strictShare * strict.truePositiveRate + (1 - strictShare) * lenient.truePositiveRate;
  return {
    strict: strict.threshold,
    lenient: lenient.threshold,
    strictShare,
    blindShare: height > falsePositiveRate ? (height - truePositiveRate) / (height - falsePositiveRate) : 0,
  };
}
