import type { ByteImage, Random } from "@vitscale/data";
import type { BenchmarkCorruption } from "../ood/corruption-error.ts";
import { defocusBlur, gaussianBlur, glassBlur, motionBlur, zoomBlur } from "./blur.ts";
import { brightness, contrast, saturate } from "./colour.ts";
import { elasticTransform, pixelate } from "./distortion.ts";
import { jpegCompression } from "./jpeg.ts";
import { gaussianNoise, impulseNoise, shotNoise, speckleNoise } from "./noise.ts";
import { fog, frost, type SnowParameters, snow } from "./weather.ts";

/** The published sets of parameters: for images of 224 pixels, and the milder ones for 32. */
export type CorruptionScale = "imagenet-c" | "cifar-10-c";

/** The 15 corruptions of the benchmark and three that its authors set aside for validation. */
export type CorruptionName = BenchmarkCorruption | "speckle_noise" | "gaussian_blur" | "saturate";

/** How strong a corruption is, 1 to 5. */
export type Severity = 1 | 2 | 3 | 4 | 5;

/** A corruption at the five severities of each scale. */
export interface Corruption {
  /** As published, severity after severity: a number or several; lengths as shares of a side where they grow with the image. */
  readonly parameters: Readonly<Record<CorruptionScale, Five<number | readonly number[]>>>;
  apply(
    image: ByteImage,
    severity: Severity,
    scale: CorruptionScale,
    random: Random,
    overlays?: readonly ByteImage[],
  ): ByteImage;
}

type Five<P> = readonly [P, P, P, P, P];
type Corrupt<P> = (image: ByteImage, parameters: P, random: Random, overlays?: readonly ByteImage[]) => ByteImage;

function corruption<P extends number | readonly number[]>(
  corrupt: Corrupt<P>,
  imagenet: Five<P>,
  cifar: Five<P>,
): Corruption {
  const parameters = { "imagenet-c": imagenet, "cifar-10-c": cifar };
  return {
    parameters,
    apply: (image, severity, scale, random, overlays) =>
      corrupt(image, parameters[scale][severity - 1]!, random, overlays),
  };
}

/** A transform whose lengths are shares of a side: published for 244 pixels on images of 224, and for 32 on 32. */
const elastic: Corrupt<readonly [number, number, number]> = (image, parameters, random) => {
  const side = Math.min(image.height, image.width);
  const [strength, smoothness, shift] = parameters.map((share) => share * side);
  return elasticTransform(image, [strength!, smoothness!, shift!], random);
};
const ofLargerSide = ([strength, smoothness, shift]: readonly [number, number, number]) =>
  [(strength * 244) / 224, (smoothness * 244) / 224, (shift * 244) / 224] as const;

/**
 * All corruptions with their parameters at severities 1 to 5.
 *
 * Hendrycks and Dietterich, "Benchmarking neural network robustness to common corruptions and perturbations", ICLR 2019; parameters of
 * `ImageNet-C/imagenet_c/imagenet_c/corruptions.py` and `ImageNet-C/create_c/make_cifar_c.py` of hendrycks/robustness @ 8190fe3.
 */
export const corruptions: Readonly<Record<CorruptionName, Corruption>> = {
  gaussian_noise: corruption(gaussianNoise, [0.08, 0.12, 0.18, 0.26, 0.38], [0.04, 0.06, 0.08, 0.09, 0.1]),
  shot_noise: corruption(shotNoise, [60, 25, 12, 5, 3], [500, 250, 100, 75, 50]),
  impulse_noise: corruption(impulseNoise, [0.03, 0.06, 0.09, 0.17, 0.27], [0.01, 0.02, 0.03, 0.05, 0.07]),
  defocus_blur: corruption<readonly [number, number]>(
    defocusBlur,
    [
      [3, 0.1],
      [4, 0.5],
      [6, 0.5],
      [8, 0.5],
      [10, 0.5],
    ],
    [
      [0.3, 0.4],
      [0.4, 0.5],
      [0.5, 0.6],
      [1, 0.2],
      [1.5, 0.1],
    ],
  ),
  glass_blur: corruption<readonly [number, number, number]>(
    glassBlur,
    [
      [0.7, 1, 2],
      [0.9, 2, 1],
      [1, 2, 3],
      [1.1, 3, 2],
      [1.5, 4, 2],
    ],
    [
      [0.05, 1, 1],
      [0.25, 1, 1],
      [0.4, 1, 1],
      [0.25, 1, 2],
      [0.4, 1, 2],
    ],
  ),
  motion_blur: corruption<readonly [number, number]>(
    motionBlur,
    [
      [10, 3],
      [15, 5],
      [15, 8],
      [15, 12],
      [20, 15],
    ],
    [
      [6, 1],
      [6, 1.5],
      [6, 2],
      [8, 2],
      [9, 2.5],
    ],
  ),
  zoom_blur: corruption<readonly [number, number]>(
    zoomBlur,
    [
      [1.11, 0.01],
      [1.16, 0.01],
      [1.21, 0.02],
      [1.26, 0.02],
      [1.31, 0.03],
    ],
    [
      [1.06, 0.01],
      [1.11, 0.01],
      [1.16, 0.01],
      [1.21, 0.01],
      [1.26, 0.01],
    ],
  ),
  snow: corruption<SnowParameters>(
    snow,
    [
      [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
      [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
      [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
      [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
      [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
    ],
    [
      [0.1, 0.2, 1, 0.6, 8, 3, 0.95],
      [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
      [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9],
      [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
      [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
    ],
  ),
  frost: corruption<readonly [number, number]>(
    frost,
    [
      [1, 0.4],
      [0.8, 0.6],
      [0.7, 0.7],
      [0.65, 0.7],
      [0.6, 0.75],
    ],
    [
      [1, 0.2],
      [1, 0.3],
      [0.9, 0.4],
      [0.85, 0.4],
      [0.75, 0.45],
    ],
  ),
  fog: corruption<readonly [number, number]>(
    fog,
    [
      [1.5, 2],
      [2, 2],
      [2.5, 1.7],
      [2.5, 1.5],
      [3, 1.4],
    ],
    [
      [0.2, 3],
      [0.5, 3],
      [0.75, 2.5],
      [1, 2],
      [1.5, 1.75],
    ],
  ),
  brightness: corruption(brightness, [0.1, 0.2, 0.3, 0.4, 0.5], [0.05, 0.1, 0.15, 0.2, 0.3]),
  contrast: corruption(contrast, [0.4, 0.3, 0.2, 0.1, 0.05], [0.75, 0.5, 0.4, 0.3, 0.15]),
  elastic_transform: corruption<readonly [number, number, number]>(
    elastic,
    [
      ofLargerSide([2, 0.7, 0.1]),
      ofLargerSide([2, 0.08, 0.2]),
      ofLargerSide([0.05, 0.01, 0.02]),
      ofLargerSide([0.07, 0.01, 0.02]),
      ofLargerSide([0.12, 0.01, 0.02]),
    ],
    [
      [0, 0, 0.08],
      [0.05, 0.2, 0.07],
      [0.08, 0.06, 0.06],
      [0.1, 0.04, 0.05],
      [0.1, 0.03, 0.03],
    ],
  ),
  pixelate: corruption(pixelate, [0.6, 0.5, 0.4, 0.3, 0.25], [0.95, 0.9, 0.85, 0.75, 0.65]),
  jpeg_compression: corruption(jpegCompression, [25, 18, 15, 10, 7], [80, 65, 58, 50, 40]),
  speckle_noise: corruption(speckleNoise, [0.15, 0.2, 0.35, 0.45, 0.6], [0.06, 0.1, 0.12, 0.16, 0.2]),
  gaussian_blur: corruption(gaussianBlur, [1, 2, 3, 4, 6], [0.4, 0.6, 0.7, 0.8, 1]),
  saturate: corruption<readonly [number, number]>(
    saturate,
    [
      [0.3, 0],
      [0.1, 0],
      [2, 0],
      [5, 0.1],
      [20, 0.2],
    ],
    [
      [0.3, 0],
      [0.1, 0],
      [1.5, 0],
      [2, 0.1],
      [2.5, 0.2],
    ],
  ),
};
