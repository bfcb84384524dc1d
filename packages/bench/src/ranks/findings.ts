import {
  calibrate,
  type OverlapMeasurement,
  type OverlapPart,
  overlapEfficiency,
  predictOverlap,
} from "@vitscale/sharding";
import { pairedRatios } from "../statistics/paired.ts";
import { median } from "../statistics/summary.ts";
import type { BlockMeasurement, RanksAnswer } from "./order.ts";

/** Forms of a layer that hide transfers. */
export type HidingForm = Extract<OverlapPart, "ring" | "bidirectional">;

/** The share of what can be hidden that a form hides, from the medians of the rounds or another of their statistics. */
export function hiddenShare(
  { case: { ranks }, times }: OverlapMeasurement,
  form: HidingForm,
  of: (rounds: readonly number[]) => number = median,
): number {
  const transfer = of(form === "ring" ? times.transfer : times.transferBothWays);
  return overlapEfficiency({ compute: of(times.compute), transfer, measured: of(times[form]) }, ranks);
}

/** Layers whose transfers take no longer than their products: all that could be hidden would be worth it. */
export function isComputeBound({ times }: OverlapMeasurement): boolean {
  return median(times.transfer) <= median(times.compute);
}

/** How many times as long a ring takes as gathering or reducing apart: the median of the rounds. */
export function ringOverPlain({ times }: OverlapMeasurement): number {
  return median(pairedRatios(times.ring, times.plain));
}

/** What the model says of a form, and what was measured. */
export interface Forecast {
  readonly form: OverlapPart;
  readonly measured: number;
  readonly predicted: number;
  /** Predicted over measured, less one. */
  readonly error: number;
}

/** Predictions of a layer's forms from the times of its parts: products, sums, messages. */
export function forecasts({ case: given, times, samples }: OverlapMeasurement): Forecast[] {
  const predicted = predictOverlap(given, calibrate(samples));
  return (["plain", "ring", "bidirectional"] as const).map((form) => {
    const measured = median(times[form]);
    return { form, measured, predicted: predicted[form], error: predicted[form] / measured - 1 };
  });
}

/** How many times as long an encoder of sequential blocks takes as one of parallel blocks, in rings. */
export function sequentialOverParallel({ times }: Pick<BlockMeasurement, "times">): number {
  return median(pairedRatios(times["sequential, ring"], times["parallel, ring"]));
}

/** The extremes over all layers of several answers. */
export function summarizeAnswers(answers: readonly RanksAnswer[]) {
  const layers = answers.flatMap((answer) => answer.layers);
  const bound = layers.filter(isComputeBound);
  return {
    layers: layers.length,
    computeBound: bound.length,
    leastHidden: Math.min(...bound.map((layer) => hiddenShare(layer, "ring"))),
    medianHidden: bound.length === 0 ? Number.NaN : median(bound.map((layer) => hiddenShare(layer, "ring"))),
    worstRatio: Math.max(...layers.map(ringOverPlain)),
    errors: layers.flatMap(forecasts).map(({ error }) => error),
    blockRatios: answers.flatMap((answer) => answer.blocks).map(sequentialOverParallel),
  };
}
