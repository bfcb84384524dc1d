import { readFileSync } from "node:fs";
import { hostTensor } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { type Features, selectFeatures } from "./features.ts";
import { knn } from "./knn.ts";
import { linearScores } from "./linear-scores.ts";
import { ridgeClassifiers } from "./ridge.ts";
import { softmaxRegression } from "./softmax-regression.ts";

interface Part {
  readonly features: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** Written by fixtures/features.py with scikit-learn. */
const fixture: {
  readonly classes: number;
  readonly train: Part;
  readonly test: Part;
  readonly ridge: readonly { rows: number[]; l2: number; scores: number[][] }[];
  readonly probe: readonly { l2: number; objective: number; probabilities: number[][] }[];
  readonly knn: readonly { k: number; temperature: number | null; probabilities: number[][] }[];
} = JSON.parse(readFileSync(new URL("../../fixtures/features.json", import.meta.url), "utf8"));

const featuresOf = ({ features, labels }: Part): Features => ({
  vectors: hostTensor("float32", [features.length, features[0]!.length], Float32Array.from(features.flat())),
  labels: Int32Array.from(labels),
  classes: fixture.classes,
});
const [train, test] = [featuresOf(fixture.train), featuresOf(fixture.test)];

/** The largest difference between numbers row after row and rows of numbers. */
const distance = (values: ArrayLike<number>, rows: readonly (readonly number[])[]) =>
  rows.flat().reduce((most, expected, i) => Math.max(most, Math.abs(values[i]! - expected)), 0);

const normalized = (values: ArrayLike<number>, width: number, of = (value: number) => value) =>
  Array.from({ length: values.length }, (_, i) => {
    const start = i - (i % width);
    let sum = 0;
    for (let j = start; j < start + width; j++) sum += of(values[j]!);
    return of(values[i]!) / sum;
  });

describe("against scikit-learn", () => {
  it.each(fixture.ridge)("ridge on $rows.length images with l2 $l2", async ({ rows, l2, scores }) => {
    const [classifier] = ridgeClassifiers(selectFeatures(train, rows), [l2]);
    const { data } = await linearScores(test.vectors, classifier!);
    expect(distance(data, scores)).toBeLessThan(1e-5);
  });

  it.each(fixture.probe)("softmax regression with l2 $l2", async ({ l2, objective, probabilities }) => {
    const { classifier, minimum } = await softmaxRegression(train, l2);
    expect(minimum).toMatchObject({ status: "converged", value: expect.closeTo(objective, 9) });
    const { data } = await linearScores(test.vectors, classifier);
    expect(distance(normalized(data, fixture.classes, Math.exp), probabilities)).toBeLessThan(2e-5);
  });

  it.each(fixture.knn)("$k neighbours at temperature $temperature", async ({ k, temperature, probabilities }) => {
    const options = { neighbours: [k], temperature: temperature ?? Number.POSITIVE_INFINITY };
    const { scores } = (await knn(train, test, options)).get(k)!;
    expect(distance(normalized(scores.data, fixture.classes), probabilities)).toBeLessThan(2e-5);
  });
});
