import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { mixExamples, normalizeImages } from "./images.ts";

beforeAll(() => tf.setBackend("cpu"));

const round = (tensor: tf.Tensor) => Array.from(tensor.dataSync(), (value) => Number(value.toFixed(5)));

describe("normalising images", () => {
  const bytes = tf.tensor([0, 255, 127.5, 51, 204, 102], [1, 1, 2, 3], "float32");
  const images = tf.cast(bytes, "int32");

  it("maps bytes to −1 … 1", () => {
    expect(round(normalizeImages(images))).toEqual([-1, 1, -0.00392, -0.6, 0.6, -0.2]);
  });

  it("uses the statistics of each channel", () => {
    const statistics = { mean: [0, 0.5, 0.25], deviation: [1, 0.25, 0.5] };
    // 127 / 255 = 0.49804
    expect(round(normalizeImages(images, statistics))).toEqual([0, 2, 0.49608, 0.2, 1.2, 0.3]);
  });

  it("leaves floats alone", () => {
    expect(normalizeImages(bytes)).toBe(bytes);
  });
});

describe("mixing examples", () => {
  it("mixes each with the one before it, the first with the last", () => {
    const images = tf.tensor([0, 10, 1, 20, 2, 30], [3, 1, 1, 2]);
    const labels = tf.tensor1d([0, 2, 1], "int32");
    const mixed = mixExamples(images, labels, { coefficient: tf.scalar(0.75), classes: 3 });
    expect(round(mixed.images)).toEqual([0.5, 15, 0.75, 17.5, 1.75, 27.5]);
    expect(round(mixed.labels)).toEqual([0.75, 0.25, 0, 0.25, 0, 0.75, 0, 0.75, 0.25]);
    expect(mixed.images.shape).toEqual([3, 1, 1, 2]);
  });

  it("changes nothing at coefficient 1", () => {
    const images = tf.tensor([1, 2], [2, 1]);
    const mixed = mixExamples(
      images,
      tf.tensor2d([
        [0.5, 0.5],
        [0, 1],
      ]),
      { coefficient: tf.scalar(1), classes: 2 },
    );
    expect([...round(mixed.images), ...round(mixed.labels)]).toEqual([1, 2, 0.5, 0.5, 0, 1]);
  });
});
