import { random } from "@vitscale/core";
import { expect, it } from "vitest";
import { ClassSums } from "./class-sums.ts";

/** Features [rows, 3] around 1000, and labels of which class 1 never occurs. */
const rows = 60;
const data = Float64Array.from(random.threefryBits(5, 1, 3 * rows), (word, i) => 1000 + (i % 3) + word * 2 ** -31);
const labels = Int32Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 2 : 0));

/** Means and covariance by definition: Σ (x - mean of its class)(x - mean of its class)ᵀ / rows. */
function byDefinition(classOf: ArrayLike<number>, classes: number) {
  const means = Array.from({ length: classes }, (_, own) => {
    const members = Array.from(data.keys()).filter((i) => classOf[Math.floor(i / 3)] === own);
    return [0, 1, 2].map((k) => {
      const values = members.filter((i) => i % 3 === k).map((i) => data[i]!);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    });
  });
  const distance = (row: number, k: number) => data[3 * row + k]! - means[classOf[row]!]![k]!;
  const covariance = [0, 1, 2].map((i) =>
    [0, 1, 2].map((k) => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += distance(row, i) * distance(row, k);
      return sum / rows;
    }),
  );
  return { means: means.flat(), covariance };
}

it("has the means and covariances of the definition, in parts, by class and pooled", () => {
  const sums = new ClassSums(3, 3);
  for (const [from, to] of [
    [0, 1],
    [1, 40],
    [40, 40],
    [40, 60],
  ] as const) {
    sums.add({ width: 3, data: data.subarray(3 * from, 3 * to) }, labels.subarray(from, to));
  }
  expect(sums.rows).toBe(rows);
  for (const [found, classOf, classes] of [
    [sums, labels, 3],
    [sums.pooled(), new Int32Array(rows), 1],
  ] as const) {
    const { means, covariance } = byDefinition(classOf, classes);
    for (const [i, mean] of found.means().entries()) {
      if (Number.isNaN(means[i]!)) expect(mean).toBeNaN();
      else expect(mean).toBeCloseTo(means[i]!, 9);
    }
    const triangle = found.covariance();
    for (let i = 0; i < 3; i++) {
      for (let k = 0; k <= i; k++) expect(triangle[3 * i + k]).toBeCloseTo(covariance[i]![k]!, 9);
    }
  }
});

it("leaves exactly nothing of a feature that is constant", () => {
  const constant = { width: 1, data: Float64Array.of(0.1, 0.1, 0.1) };
  expect([...new ClassSums(1, 2).add(constant, [0, 1, 0]).covariance()]).toEqual([0]);
});

it("refuses features of another width", () => {
  expect(() => new ClassSums(2, 1).add({ width: 3, data: new Float64Array(3) }, [0])).toThrow(
    "features of width 3 beside others of width 2; give the same features",
  );
});
