import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { linear } from "./linear.ts";
import { patchify } from "./patchify.ts";
import { draw } from "./testing/check.ts";

beforeAll(() => tf.setBackend("cpu"));

describe("patchify", () => {
  it("lists patches row by row, and pixels of a patch row by row", () => {
    const image = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
    expect(patchify(image, 2).arraySync()).toEqual([
      [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
        [8, 9, 12, 13],
        [10, 11, 14, 15],
      ],
    ]);
  });

  it("followed by a linear layer is the convolution with that stride", () => {
    const [images, filter] = draw([
      [2, 4, 6, 3],
      [2, 2, 3, 5],
    ]) as [tf.Tensor4D, tf.Tensor4D];
    const convolved = tf.reshape(tf.conv2d(images, filter, 2, "valid"), [2, 6, 5]);
    const projected = linear(patchify(images, 2), { kernel: tf.reshape(filter, [12, 5]) });
    expect(tf.max(tf.abs(tf.sub(convolved, projected))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it("names sides that are no multiples of the patch side", () => {
    expect(() => patchify(tf.ones([1, 5, 4, 3]), 2)).toThrow(
      "sides that are multiples of the patch side 2, but [1,5,4,3] was given; resize or crop them",
    );
  });
});
