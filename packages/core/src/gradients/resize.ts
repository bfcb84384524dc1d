import * as tf from "@tensorflow/tfjs-core";
import { type GradientRule, rule } from "./rule.ts";
import { axisMatrix, transposedAxisMaps } from "./separable.ts";

interface ResizeAttributes {
  readonly size: [number, number];
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Reads a place between the elements of an axis; places outside of the axis read its border. */
type Read = (place: number, alignCorners: boolean, add: (at: number, weight: number) => void) => void;

const linear: Read = (place, _, add) => {
  const floor = Math.floor(place);
  add(floor, 1 - (place - floor));
  add(floor + 1, place - floor);
};

const nearest: Read = (place, alignCorners, add) => add(alignCorners ? Math.round(place) : Math.floor(place), 1);

/** `centre` is where the centre of a pixel lies in the coordinates that `read` takes. */
function resizeRule(kernelName: string, read: Read, centre: number): GradientRule {
  const matrix = (from: number, to: number, { alignCorners, halfPixelCenters }: ResizeAttributes) => {
    const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
    return axisMatrix(from, to, (i, add) => {
      const place = halfPixelCenters ? scale * (i + 0.5) - centre : scale * i;
      read(place, alignCorners, (at, weight) => add(Math.min(Math.max(at, 0), from - 1), weight));
    });
  };
  return rule<ResizeAttributes>(kernelName, { inputs: ["images"] }, (dy, [images], attributes) => ({
    images: () => {
      const [, height, width] = (images as tf.Tensor).shape as [number, number, number, number];
      const [newHeight, newWidth] = attributes.size;
      return transposedAxisMaps(dy, [matrix(height, newHeight, attributes), matrix(width, newWidth, attributes)]);
    },
  }));
}

/** Image resizing as tfjs defines it: no antialiasing; coordinates from corners or half-pixel centres. */
export const resizeGradients: readonly GradientRule[] = [
  resizeRule(tf.ResizeBilinear, linear, 0.5),
  resizeRule(tf.ResizeNearestNeighbor, nearest, 0),
];
