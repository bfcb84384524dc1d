import { expect, it } from "vitest";
import { corruptions } from "./table.ts";

/**
 * The lists `c` of the published functions, in their order: ImageNet-C/imagenet_c/imagenet_c/corruptions.py and
 * ImageNet-C/create_c/make_cifar_c.py of hendrycks/robustness. Zoom blur: end and step of its factors.
 */
const published = {
  gaussian_noise: { "imagenet-c": [0.08, 0.12, 0.18, 0.26, 0.38], "cifar-10-c": [0.04, 0.06, 0.08, 0.09, 0.1] },
  shot_noise: { "imagenet-c": [60, 25, 12, 5, 3], "cifar-10-c": [500, 250, 100, 75, 50] },
  impulse_noise: { "imagenet-c": [0.03, 0.06, 0.09, 0.17, 0.27], "cifar-10-c": [0.01, 0.02, 0.03, 0.05, 0.07] },
  speckle_noise: { "imagenet-c": [0.15, 0.2, 0.35, 0.45, 0.6], "cifar-10-c": [0.06, 0.1, 0.12, 0.16, 0.2] },
  gaussian_blur: { "imagenet-c": [1, 2, 3, 4, 6], "cifar-10-c": [0.4, 0.6, 0.7, 0.8, 1] },
  glass_blur: {
    "imagenet-c": [
      [0.7, 1, 2],
      [0.9, 2, 1],
      [1, 2, 3],
      [1.1, 3, 2],
      [1.5, 4, 2],
    ],
    "cifar-10-c": [
      [0.05, 1, 1],
      [0.25, 1, 1],
      [0.4, 1, 1],
      [0.25, 1, 2],
      [0.4, 1, 2],
    ],
  },
  defocus_blur: {
    "imagenet-c": [
      [3, 0.1],
      [4, 0.5],
      [6, 0.5],
      [8, 0.5],
      [10, 0.5],
    ],
    "cifar-10-c": [
      [0.3, 0.4],
      [0.4, 0.5],
      [0.5, 0.6],
      [1, 0.2],
      [1.5, 0.1],
    ],
  },
  motion_blur: {
    "imagenet-c": [
      [10, 3],
      [15, 5],
      [15, 8],
      [15, 12],
      [20, 15],
    ],
    "cifar-10-c": [
      [6, 1],
      [6, 1.5],
      [6, 2],
      [8, 2],
      [9, 2.5],
    ],
  },
  zoom_blur: {
    "imagenet-c": [
      [1.11, 0.01],
      [1.16, 0.01],
      [1.21, 0.02],
      [1.26, 0.02],
      [1.31, 0.03],
    ],
    "cifar-10-c": [
      [1.06, 0.01],
      [1.11, 0.01],
      [1.16, 0.01],
      [1.21, 0.01],
      [1.26, 0.01],
    ],
  },
  fog: {
    "imagenet-c": [
      [1.5, 2],
      [2, 2],
      [2.5, 1.7],
      [2.5, 1.5],
      [3, 1.4],
    ],
    "cifar-10-c": [
      [0.2, 3],
      [0.5, 3],
      [0.75, 2.5],
      [1, 2],
      [1.5, 1.75],
    ],
  },
  frost: {
    "imagenet-c": [
      [1, 0.4],
      [0.8, 0.6],
      [0.7, 0.7],
      [0.65, 0.7],
      [0.6, 0.75],
    ],
    "cifar-10-c": [
      [1, 0.2],
      [1, 0.3],
      [0.9, 0.4],
      [0.85, 0.4],
      [0.75, 0.45],
    ],
  },
  snow: {
    "imagenet-c": [
      [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
      [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
      [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
      [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
      [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
    ],
    "cifar-10-c": [
      [0.1, 0.2, 1, 0.6, 8, 3, 0.95],
      [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
      [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9],
      [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
      [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
    ],
  },
  contrast: { "imagenet-c": [0.4, 0.3, 0.2, 0.1, 0.05], "cifar-10-c": [0.75, 0.5, 0.4, 0.3, 0.15] },
  brightness: { "imagenet-c": [0.1, 0.2, 0.3, 0.4, 0.5], "cifar-10-c": [0.05, 0.1, 0.15, 0.2, 0.3] },
  saturate: {
    "imagenet-c": [
      [0.3, 0],
      [0.1, 0],
      [2, 0],
      [5, 0.1],
      [20, 0.2],
    ],
    "cifar-10-c": [
      [0.3, 0],
      [0.1, 0],
      [1.5, 0],
      [2, 0.1],
      [2.5, 0.2],
    ],
  },
  jpeg_compression: { "imagenet-c": [25, 18, 15, 10, 7], "cifar-10-c": [80, 65, 58, 50, 40] },
  pixelate: { "imagenet-c": [0.6, 0.5, 0.4, 0.3, 0.25], "cifar-10-c": [0.95, 0.9, 0.85, 0.75, 0.65] },
};

/** The same of elastic transforms, in pixels of images of 224 and of 32. */
const elastic = {
  "imagenet-c": [
    [244 * 2, 244 * 0.7, 244 * 0.1],
    [244 * 2, 244 * 0.08, 244 * 0.2],
    [244 * 0.05, 244 * 0.01, 244 * 0.02],
    [244 * 0.07, 244 * 0.01, 244 * 0.02],
    [244 * 0.12, 244 * 0.01, 244 * 0.02],
  ],
  "cifar-10-c": [
    [0, 0, 32 * 0.08],
    [32 * 0.05, 32 * 0.2, 32 * 0.07],
    [32 * 0.08, 32 * 0.06, 32 * 0.06],
    [32 * 0.1, 32 * 0.04, 32 * 0.05],
    [32 * 0.1, 32 * 0.03, 32 * 0.03],
  ],
};

it("has the published parameters of every corruption at every severity", () => {
  const { elastic_transform: shares, ...others } = corruptions;
  expect(Object.fromEntries(Object.entries(others).map(([name, { parameters }]) => [name, parameters]))).toEqual(
    published,
  );
  for (const [scale, side] of [
    ["imagenet-c", 224],
    ["cifar-10-c", 32],
  ] as const) {
    const pixels = shares.parameters[scale].map((lengths) => [lengths].flat().map((share) => share * side));
    for (const [i, expected] of elastic[scale].entries()) {
      for (const [j, length] of expected.entries()) expect(pixels[i]![j]).toBeCloseTo(length, 9);
    }
  }
});
