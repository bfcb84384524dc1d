import type { Estimate } from "../statistics/estimate.ts";
import type { ViewObserver } from "./view.ts";

/** An observer's estimates, one a condition, with their intervals; what was not measured has no value. */
export function observe(name: string, estimates: readonly (Estimate | undefined)[]): ViewObserver {
  const each = (part: "value" | "low" | "high") => estimates.map((estimate) => estimate?.[part] ?? Number.NaN);
  return { name, values: each("value"), low: each("low"), high: each("high") };
}
