import { go } from "./address.ts";

/** Narrows the range of all charts, or takes it back. */
export function zoom(range: readonly [number, number] | null): void {
  go({ from: range?.[0] ?? null, to: range?.[1] ?? null });
}

/** The same from a chart whose x is always steps: the range would mean something else on another axis, so that goes back to steps too. */
export function zoomSteps(range: readonly [number, number] | null): void {
  go({ x: "step", from: range?.[0] ?? null, to: range?.[1] ?? null });
}
