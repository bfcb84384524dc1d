import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { axisMatrix, mapAxis } from "../axis-map.ts";
import { type RuleAttributes, type Rules, required } from "../rule.ts";

/** Sums over neighbouring channels up to `depthRadius` away. The map is symmetric: it is its own transpose. */
function sumOfNeighbours(emit: Emitter, x: Node, { depthRadius }: RuleAttributes): Node {
  const [channels, radius] = [x.shape[3] as number, depthRadius as number];
  const matrix = axisMatrix(channels, channels, (i, add) => {
    for (let j = Math.max(0, i - radius); j <= Math.min(channels - 1, i + radius); j++) add(j, 1);
  });
  return mapAxis(emit, x, 3, matrix);
}

/** bias + alpha · Σ x² over the neighbouring channels. */
function localNorm(emit: Emitter, x: Node, a: RuleAttributes): Node {
  const energy = sumOfNeighbours(emit, emit.unary("square", x), a);
  return emit.add(emit.mul(energy, a.alpha as number), a.bias as number);
}

/** Kernels that normalise. Layer and RMS norm are compositions (`nn/`). */
export const normalizationRules: Rules = {
  FusedBatchNorm: (emit, inputs, { varianceEpsilon }) => {
    const [x, mean, variance] = ["x", "mean", "variance"].map((name) => required(inputs, name)) as [Node, Node, Node];
    const inverse = emit.unary("rsqrt", emit.add(variance, (varianceEpsilon as number | undefined) ?? 0.001));
    const gain = inputs.scale ? emit.mul(inverse, inputs.scale) : inverse;
    const normalized = emit.mul(emit.sub(x, mean), gain);
    return inputs.offset ? emit.add(normalized, inputs.offset) : normalized;
  },
  LRN: (emit, { x }, a) => {
    const power = emit.binary("pow", localNorm(emit, x as Node, a), -(a.beta as number));
    return emit.mul(x as Node, power);
  },
  LRNGrad: (emit, inputs, a) => {
    const [x, y, dy] = ["x", "y", "dy"].map((name) => required(inputs, name)) as [Node, Node, Node];
    const [alpha, beta] = [a.alpha as number, a.beta as number];
    const norm = localNorm(emit, x, a);
    const direct = emit.mul(dy, emit.binary("pow", norm, -beta));
    // Each channel's norm depends on its neighbours too.
    const shared = sumOfNeighbours(emit, emit.div(emit.mul(dy, y), norm), a);
    return emit.sub(direct, emit.mul(emit.mul(x, shared), 2 * alpha * beta));
  },
};
