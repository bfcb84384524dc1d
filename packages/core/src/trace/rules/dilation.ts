import * as tf from "@tensorflow/tfjs-core";
import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { firstEqual } from "../first-equal.ts";
import { taps, unpatch } from "../patches.ts";
import { type RuleAttributes, type RuleInputs, type Rules, required } from "../rule.ts";
import { type Slide, slideOf2d } from "../slide.ts";
import { split } from "./shape.ts";

interface Dilation {
  readonly slide: Slide;
  /** For each element of the window, what it sees plus the filter's element: [N, H', W', C]. */
  readonly sums: readonly Node[];
  readonly maxima: Node;
}

/** Greyscale morphological dilation: the maximum under the window of image plus filter. Padding is −∞. */
function dilate(emit: Emitter, inputs: RuleInputs, a: RuleAttributes): Dilation {
  const [x, filter] = [required(inputs, "x"), required(inputs, "filter")];
  const { strides, pad, dilations } = a as unknown as tf.Dilation2DAttrs;
  const info = tf.backend_util.computeDilation2DInfo(
    [...x.shape] as [number, number, number, number],
    [...filter.shape] as [number, number, number],
    strides,
    pad,
    "NHWC",
    dilations,
  );
  const slide = slideOf2d("dilation2d", info);
  const [height, width, channels] = filter.shape as [number, number, number];
  const elements = emit.reshape(filter, [height * width, channels]);
  const rows = split(emit, elements, new Array<number>(height * width).fill(1), 0);
  const sums = taps(emit, x, slide, Number.NEGATIVE_INFINITY).map((seen, k) =>
    emit.add(seen, emit.reshape(rows[k] as Node, [channels])),
  );
  return { slide, sums, maxima: sums.reduce((most, sum) => emit.binary("max", most, sum)) };
}

/** dy where an element of the window is the first that attains the maximum, else 0; one tensor an element. */
const routes = (emit: Emitter, dy: Node, { sums, maxima }: Dilation): Node[] =>
  firstEqual(emit, sums, maxima).map((isFirst) => emit.select(isFirst, dy, 0));

/** Morphological dilation and its gradients. */
export const dilationRules: Rules = {
  Dilation2D: (emit, inputs, a) => dilate(emit, inputs, a).maxima,
  Dilation2DBackpropInput: (emit, inputs, a) => {
    const dilation = dilate(emit, inputs, a);
    return unpatch(emit, emit.concat(routes(emit, required(inputs, "dy"), dilation), 3), dilation.slide);
  },
  Dilation2DBackpropFilter: (emit, inputs, a) => {
    const { shape } = required(inputs, "filter");
    const channels = shape[2] as number;
    const sums = routes(emit, required(inputs, "dy"), dilate(emit, inputs, a)).map((route) =>
      emit.reshape(emit.reduce("reduceSum", route, [0, 1, 2]), [1, channels]),
    );
    return emit.reshape(emit.concat(sums, 0), shape);
  },
};
