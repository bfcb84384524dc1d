import { CalibrationBins, massPlaces } from "./bins.ts";
import { type CalibrationNorm, calibrationError } from "./calibration-error.ts";
import type { Outcomes } from "./outcomes.ts";
import { type Cut, SteppedOrder } from "./stepped-order.ts";

const mostBins = 1000;

/**
 * ECE-sweep (Roelofs et al. 2022): bins of equal mass, as many as possible while accuracy still rises from bin to bin. Too few bins hide
 * errors, too many count noise as error; monotony says where the noise begins. Where it never does, as with all predictions right, 1000 bins
 * are as good as more.
 *
 * @returns the error, and the number of bins that it was measured with
 * @throws RangeError naming the first row whose confidence is no number from 0 to 1 (within 0.001)
 */
export function sweptCalibrationError(
  outcomes: Outcomes,
  norm: CalibrationNorm = {},
): { readonly error: number; readonly bins: number } {
  const order = new SteppedOrder(outcomes);
  let bins = 1;
  let found = massBins(order, bins);
  while (bins < Math.min(order.end.rows, mostBins)) {
    const finer = massBins(order, bins + 1);
    if (!accuracyRises(finer)) break;
    [bins, found] = [bins + 1, finer];
  }
  return { error: calibrationError(countedBins(order, found), norm), bins };
}

/** Where bins begin, and the cuts before and after each. */
interface MassBins {
  /** [bins] */
  readonly starts: readonly number[];
  /** [bins + 1] */
  readonly cuts: readonly Cut[];
}

/** Bins as {@link equalMass} makes them: of equal mass, and one of confidence 1. */
function massBins(order: SteppedOrder, bins: number): MassBins {
  const { end } = order;
  const starts = [0, ...massPlaces(end.rows, bins).map((place) => order.valueAt(place)), 1];
  const cuts: Cut[] = [{ rows: 0, rights: 0 }];
  for (const start of starts.slice(1)) {
    const cut = order.cutBelow(start);
    // A place may have a confidence that rounding put above 1, where the last bin begins.
    cuts.push(cut.rows < cuts.at(-1)!.rows ? cuts.at(-1)! : cut);
  }
  return { starts, cuts: [...cuts, end] };
}

/** Whether accuracy rises, or stays, from bin to bin; empty bins have none. */
function accuracyRises({ cuts }: MassBins): boolean {
  let [before, accuracyBefore] = [cuts[0]!, 0];
  for (const cut of cuts) {
    if (cut.rows === before.rows) continue;
    const accuracy = (cut.rights - before.rights) / (cut.rows - before.rows);
    if (accuracy < accuracyBefore) return false;
    [before, accuracyBefore] = [cut, accuracy];
  }
  return true;
}

function countedBins(order: SteppedOrder, { starts, cuts }: MassBins): CalibrationBins {
  const counted = new CalibrationBins({ kind: "edges", starts: Float64Array.from(starts) });
  for (let bin = 0; bin < starts.length; bin++) {
    const [from, to] = [cuts[bin]!, cuts[bin + 1]!];
    counted.counts[bin] = to.rows - from.rows;
    counted.corrects[bin] = to.rights - from.rights;
    counted.confidences[bin] = order.sum(from, to);
  }
  return counted;
}
