import { chart, linear, type Mark } from "../plots/index.ts";
import { type Estimate, wilsonInterval } from "../statistics/index.ts";
import type { Plot } from "../suite/suite.ts";
import type { ReliabilityView } from "../views/index.ts";
import { binStart, type CalibrationBins } from "./bins.ts";

/** One bin of a reliability diagram. */
export interface ReliabilityPoint {
  /** Confidences from here, */
  readonly from: number;
  /** up to here. */
  readonly to: number;
  /** Mean confidence. */
  readonly confidence: number;
  /** Share of right predictions, with Wilson's interval. */
  readonly accuracy: Estimate;
}

/** The bins of a reliability diagram (Niculescu-Mizil & Caruana 2005) that have predictions, by confidence. */
export function reliability(bins: CalibrationBins): ReliabilityPoint[] {
  const points: ReliabilityPoint[] = [];
  const last = bins.counts.length - 1;
  for (let bin = 0; bin <= last; bin++) {
    const count = bins.counts[bin]!;
    if (count === 0) continue;
    points.push({
      from: binStart(bins.binning, bin),
      to: bin === last ? 1 : binStart(bins.binning, bin + 1),
      confidence: bins.confidences[bin]! / count,
      accuracy: wilsonInterval(bins.corrects[bin]!, count),
    });
  }
  return points;
}

/** A reliability diagram as a view. @param error the expected calibration error of these bins */
export function reliabilityView(bins: CalibrationBins, error: number, title: string): ReliabilityView {
  const points = reliability(bins).map(({ from, to, confidence, accuracy: { value, count } }) => ({
    ...{ low: from, high: to, count, confidence },
    accuracy: value,
  }));
  return { kind: "reliability", title, bins: points, error };
}

/** A reliability diagram: accuracy against confidence for each of the named counts, over bars of how many predictions each bin has. */
export function reliabilityPlot(series: Readonly<Record<string, CalibrationBins>>, title = "Reliability"): Plot {
  const entries = Object.entries(series);
  const first = entries[0];
  const marks: Mark[] = [];
  if (first) {
    const total = first[1].total;
    for (const { from, to, accuracy } of reliability(first[1])) {
      if (to <= from) continue;
      const share = [{ x: (from + to) / 2, y: accuracy.count / total }];
      marks.push({ kind: "bars", name: `share of predictions (${first[0]})`, points: share, width: to - from });
    }
  }
  const diagonal = [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ];
  marks.push({ kind: "line", points: diagonal });
  for (const [name, bins] of entries) {
    const points = reliability(bins).map(({ confidence, accuracy: { value, low, high } }) => ({
      x: confidence,
      y: value,
      low,
      high,
    }));
    marks.push({ kind: "line", name, points: points.map(({ x, y }) => ({ x, y })) }, { kind: "points", name, points });
  }
  const svg = chart({
    title,
    description: `Accuracy against mean confidence in bins, for ${entries.map(([name]) => name).join(" and ")}; calibrated predictions lie on the diagonal.`,
    x: { label: "confidence", scale: linear([0, 1]) },
    y: { label: "accuracy", scale: linear([0, 1]) },
    marks,
    width: 520,
    height: 480,
  });
  return { name: "reliability", title, svg };
}
