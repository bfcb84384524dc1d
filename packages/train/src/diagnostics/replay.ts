import type { Batch } from "@vitscale/data";
import { readScalars } from "../metric-window.ts";
import type { HostInputs, TakeStep } from "../take-step.ts";
import type { ObservedStep } from "./locate.ts";

/** The steps to take again, each inspected. */
export interface Replay<P> {
  readonly takeInspectedStep: TakeStep<P>;
  /** The state after `from` steps; it is used up. */
  readonly state: Parameters<TakeStep<P>>[0];
  readonly from: number;
  readonly to: number;
  readonly nextBatch: () => Promise<Batch>;
  readonly inputsAt: (step: number, batch: Batch) => Promise<HostInputs>;
}

/**
 * Takes steps again and inspects each of them, until one gives something that is not finite. A run is a function of its configuration,
 * so it goes wrong again where it did.
 *
 * @returns what was observed, and the batch of the last of these steps
 */
export async function replay<P>({ state, from, to, nextBatch, inputsAt, takeInspectedStep }: Replay<P>) {
  const observed: ObservedStep[] = [];
  let batch: Batch | undefined;
  let current = state;
  for (let step = from; step < to; step++) {
    batch = await nextBatch();
    const images = { images: batch.image, labels: batch.label };
    const result = await takeInspectedStep(current, images, await inputsAt(step, batch));
    current = result.state as typeof state;
    const values = { ...(await readScalars(result.observations)), ...(await readScalars(result.metrics)) };
    observed.push(values);
    if (!Object.values(values).every(Number.isFinite)) break;
  }
  return { observed, batch };
}
