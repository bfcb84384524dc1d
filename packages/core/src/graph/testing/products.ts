import type { Node } from "../graph.ts";
import type { WindowAttributes } from "../operations.ts";
import { at, atBroadcast, forEachIndex, tabulate, type Value } from "./value.ts";

/** Matrix products over the last two axes; leading axes broadcast. */
export function matmul(node: Node<"matmul">, a: Value, b: Value): Value {
  const { transposeA, transposeB } = node.attributes;
  const inner = a.shape.at(transposeA ? -2 : -1) as number;
  return tabulate(node.dtype, node.shape, (index) => {
    const batch = index.slice(0, -2);
    const [row, column] = index.slice(-2) as [number, number];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      const left = atBroadcast(a, [...batch, ...(transposeA ? [k, row] : [row, k])]);
      const right = atBroadcast(b, [...batch, ...(transposeB ? [column, k] : [k, column])]);
      sum += left * right;
    }
    return sum;
  });
}

type Spatial = readonly [row: number, column: number];

/** Visits the elements of an image under the window of one output element; padding is skipped. */
function forEachUnderWindow(
  [outRow, outColumn]: Spatial,
  [height, width]: readonly [number, number],
  { window, strides, dilations, padding }: WindowAttributes,
  visit: (image: Spatial, filter: Spatial) => void,
): void {
  for (let i = 0; i < window[0]; i++) {
    for (let j = 0; j < window[1]; j++) {
      const row = outRow * strides[0] + i * dilations[0] - padding.top;
      const column = outColumn * strides[1] + j * dilations[1] - padding.left;
      if (row >= 0 && row < height && column >= 0 && column < width) visit([row, column], [i, j]);
    }
  }
}

type Image = readonly [batch: number, height: number, width: number, channels: number];

/** Visits every pair (image element, filter element) that adds to an element of a convolution's result. */
function forEachTap(
  { attributes }: Node<"conv2d"> | Node<"conv2dInputGradient">,
  imageShape: readonly number[],
  filterShape: readonly number[],
  out: readonly number[],
  visit: (image: number[], filter: number[]) => void,
): void {
  const [, height, width] = imageShape as Image;
  const [filterHeight, filterWidth, channelsInGroup, outputs] = filterShape as Image;
  const [n, outRow, outColumn, o] = out as Image;
  const group = Math.floor(o / (outputs / attributes.groups));
  const window = { ...attributes, window: [filterHeight, filterWidth] as const };
  forEachUnderWindow([outRow, outColumn], [height, width], window, ([row, column], [i, j]) => {
    for (let c = 0; c < channelsInGroup; c++) {
      visit([n, row, column, group * channelsInGroup + c], [i, j, c, o]);
    }
  });
}

/** Convolution (cross-correlation) of an NHWC image with an HWIO filter. */
export function conv2d(node: Node<"conv2d">, x: Value, filter: Value): Value {
  return tabulate(node.dtype, node.shape, (out) => {
    let sum = 0;
    forEachTap(node, x.shape, filter.shape, out, (image, tap) => {
      sum += at(x, image) * at(filter, tap);
    });
    return sum;
  });
}

/** The transpose of the convolution as a linear map of the image: what each image element gave is given back to it. */
export function conv2dInputGradient(node: Node<"conv2dInputGradient">, dy: Value, filter: Value): Value {
  const dx = tabulate(node.dtype, node.shape, () => 0);
  const { shape, data } = dx;
  const [, height, width, channels] = shape as Image;
  forEachIndex(dy.shape, (out, position) => {
    forEachTap(node, shape, filter.shape, out, ([n, row, column, c], tap) => {
      const target =
        (((n as number) * height + (row as number)) * width + (column as number)) * channels + (c as number);
      data[target] = (data[target] as number) + (dy.data[position] as number) * at(filter, tap);
    });
  });
  return dx;
}

/** Maximum or mean under a sliding window; padding takes no part. */
export function pool(node: Node<"maxPool"> | Node<"averagePool">, x: Value): Value {
  const [, height, width] = x.shape as Image;
  return tabulate(node.dtype, node.shape, ([n, outRow, outColumn, c]) => {
    const seen: number[] = [];
    forEachUnderWindow([outRow as number, outColumn as number], [height, width], node.attributes, ([row, column]) =>
      seen.push(at(x, [n as number, row, column, c as number])),
    );
    if (node.operation === "maxPool") return Math.max(...seen);
    return seen.reduce((sum, element) => sum + element, 0) / seen.length;
  });
}
