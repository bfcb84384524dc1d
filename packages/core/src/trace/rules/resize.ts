import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { type HostTensor, hostTensor } from "../../host-tensor.ts";
import { axisMatrix, mapAxis } from "../axis-map.ts";
import { type RuleAttributes, type Rules, required } from "../rule.ts";

type Sides = readonly [height: number, width: number];

const sidesOf = (x: Node): Sides => [x.shape[1] as number, x.shape[2] as number];

/** Elements of the original axis for one of the resized one. */
const scaleOf = (from: number, to: number, alignCorners: boolean) =>
  alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;

/** Linear interpolation of an axis; places outside of it read its border. */
function linearMatrix(from: number, to: number, { alignCorners, halfPixelCenters }: RuleAttributes): HostTensor {
  const scale = scaleOf(from, to, alignCorners === true);
  return axisMatrix(from, to, (i, add) => {
    const place = halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i;
    const below = Math.max(0, Math.floor(place));
    const above = Math.min(from - 1, Math.ceil(place));
    add(below, 1 - (place - below));
    add(above, place - below);
  });
}

/** For each element of the resized axis, the nearest one of the original. */
function nearest(from: number, to: number, { alignCorners, halfPixelCenters }: RuleAttributes): Int32Array {
  const scale = scaleOf(from, to, alignCorners === true);
  return Int32Array.from({ length: to }, (_, i) => {
    const place = scale * (halfPixelCenters ? i + 0.5 : i);
    return Math.min(from - 1, alignCorners ? Math.round(place) : Math.floor(place));
  });
}

const nearestMatrix = (from: number, to: number, a: RuleAttributes): HostTensor => {
  const source = nearest(from, to, a);
  return axisMatrix(from, to, (i, add) => add(source[i] as number, 1));
};

/** Maps rows, then columns. */
function mapSides(
  emit: Emitter,
  x: Node,
  matrices: readonly [rows: HostTensor, columns: HostTensor],
  transposed = false,
): Node {
  const rows = mapAxis(emit, x, 1, matrices[0], transposed);
  return mapAxis(emit, rows, 2, matrices[1], transposed);
}

const matricesOf = (
  build: typeof linearMatrix,
  from: Sides,
  to: Sides,
  a: RuleAttributes,
): [rows: HostTensor, columns: HostTensor] => [build(from[0], to[0], a), build(from[1], to[1], a)];

/**
 * Resizing of NHWC images and its gradients. The gradients are the transposes of the maps; tfjs-cpu's kernel of the
 * bilinear one ignores `halfPixelCenters` and confuses height and width of images that are not square.
 */
export const resizeRules: Rules = {
  ResizeBilinear: (emit, inputs, a) => {
    const images = emit.cast(required(inputs, "images"), "float32");
    return mapSides(emit, images, matricesOf(linearMatrix, sidesOf(images), a.size as Sides, a));
  },
  ResizeBilinearGrad: (emit, inputs, a) => {
    const [images, dy] = [required(inputs, "images"), required(inputs, "dy")];
    return mapSides(emit, dy, matricesOf(linearMatrix, sidesOf(images), sidesOf(dy), a), true);
  },
  ResizeNearestNeighbor: (emit, inputs, a) => {
    const images = required(inputs, "images");
    return (a.size as Sides).reduce((x, to, i) => {
      const indices = hostTensor("int32", [to], nearest(x.shape[i + 1] as number, to, a));
      return emit.builder.add("gather", [x, emit.constant(indices)], { axis: i + 1 });
    }, images);
  },
  ResizeNearestNeighborGrad: (emit, inputs, a) => {
    const [images, dy] = [required(inputs, "images"), required(inputs, "dy")];
    return mapSides(emit, dy, matricesOf(nearestMatrix, sidesOf(images), sidesOf(dy), a), true);
  },
};
