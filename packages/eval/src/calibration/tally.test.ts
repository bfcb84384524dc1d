import { random } from "@vitscale/core";
import { expect, it } from "vitest";
import { numberColumn, table } from "../table/index.ts";
import { binaryProbabilities } from "./probabilities.ts";
import { CalibrationTally } from "./tally.ts";

it("draws as many samples as it is asked for", () => {
  const words = random.threefryBits(5, 6, 2000);
  const uniform = Float64Array.from(words, (word) => (word >>> 0) / 2 ** 32);
  const labels = uniform.subarray(1000).map((value, row) => (value < uniform[row]! ** 2 ? 1 : 0));
  const given = { probabilities: binaryProbabilities(uniform.subarray(0, 1000)), labels };
  const width = (replicates?: number) => {
    const tally = new CalibrationTally(2, 15, replicates === undefined ? {} : { replicates });
    tally.add(given, table({ label: numberColumn(labels) }));
    const { low, high } = tally.measure().metrics["max-error"]!;
    return high - low;
  };
  expect(width(1)).toBeLessThan(width(200));
  expect(width(1000)).toBe(width()); // the default
});
