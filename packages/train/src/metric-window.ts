import type { DeviceTensor } from "@vitscale/core";

/** Metrics of a step, still in the engine's memory. */
export type StepMetrics = Readonly<Record<string, DeviceTensor>>;

/** Values of metrics since the last row, by name: plain numbers, so that a checkpoint can hold them. */
export type WindowValues = Record<string, number[]>;

/** Collects the metrics of steps until a row is due. Nothing is read before that, so that reading never holds up a step. */
export interface MetricWindow {
  /** Steps in it. */
  readonly steps: number;
  add(metrics: StepMetrics): void;
  /** Reads what was added since the last call, and gives all that is in it. */
  read(): Promise<WindowValues>;
  /** The mean of each metric over the window, which is then empty. */
  take(): Promise<Record<string, number>>;
}

/** A window that begins with the values of a checkpoint written in the middle of one. */
export function createMetricWindow(initial: WindowValues = {}): MetricWindow {
  let values: WindowValues = structuredClone(initial);
  let unread: StepMetrics[] = [];

  async function read(): Promise<WindowValues> {
    const pending = unread;
    unread = [];
    for (const metrics of pending) {
      for (const [name, value] of Object.entries(await readScalars(metrics))) {
        values[name] = [...(values[name] ?? []), value];
      }
    }
    // Lists are replaced, not changed: what was given stays as it is.
    return { ...values };
  }

  return {
    get steps() {
      return Math.max(0, ...Object.values(values).map((list) => list.length)) + unread.length;
    },
    add: (metrics) => void unread.push(metrics),
    read,
    async take() {
      const taken = await read();
      values = {};
      return Object.fromEntries(Object.entries(taken).map(([name, list]) => [name, mean(list)]));
    },
  };
}

/** Scalars as numbers; their memory is given back. */
export async function readScalars(scalars: StepMetrics): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(scalars)) {
    values[name] = (await tensor.read())[0] as number;
    tensor.dispose();
  }
  return values;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
