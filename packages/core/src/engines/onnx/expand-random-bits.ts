import { Emitter } from "../../graph/emit.ts";
import { type Graph, type Node, rewriteGraph } from "../../graph/graph.ts";
import { range } from "../../graph/shapes.ts";
import { hostTensor, sizeOf } from "../../host-tensor.ts";

const parity = 0x1bd11bda;
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** `0, step, 2·step, …` as a vector or a column. */
function count(emit: Emitter, length: number, step: number, shape: readonly number[]): Node {
  return emit.constant(
    hostTensor(
      "int32",
      shape,
      Int32Array.from({ length }, (_, i) => i * step),
    ),
  );
}

/**
 * `0, 1, 2, …` in the shape [rows, columns] with little stored: the rows' numbers plus the columns'. The split of the
 * shape into rows and columns is the most even one that its axes allow.
 */
function positions(emit: Emitter, shape: readonly number[]): Node {
  const split = range(shape.length + 1).map(
    (axis) => [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))] as const,
  );
  const [rows, columns] = split.reduce((best, next) => (next[0] + next[1] < best[0] + best[1] ? next : best));
  return emit.add(count(emit, rows, columns, [rows, 1]), count(emit, columns, 1, [1, columns]));
}

const rotate = (emit: Emitter, x: Node, by: number) =>
  emit.binary("bitOr", emit.binary("shiftLeft", x, by), emit.binary("shiftRight", x, 32 - by));

/** Threefry-2x32 with 20 rounds (see `random/threefry.ts`) of the counters 0, 1, 2, … as int32 arithmetic. */
function threefry(emit: Emitter, key: Node, shape: readonly number[]): Node {
  const word = (i: number) => emit.reshape(emit.slice(key, [i], [1]), []);
  const xor = (a: Node, b: Node | number) => emit.binary("bitXor", a, b);
  const [key0, key1] = [word(0), word(1)];
  const keys = [key0, key1, xor(xor(key0, key1), parity)] as const;
  // The high words of the counters are 0.
  let x0 = key0;
  let x1 = emit.add(positions(emit, shape), key1);
  for (let group = 1; group <= 5; group++) {
    for (const rotation of rotations[group % 2 === 1 ? 0 : 1] ?? []) {
      x0 = emit.add(x0, x1);
      x1 = xor(rotate(emit, x1, rotation), x0);
    }
    x0 = emit.add(x0, keys[group % 3] as Node);
    x1 = emit.add(x1, emit.add(keys[(group + 1) % 3] as Node, group));
  }
  return emit.reshape(xor(x0, x1), shape);
}

/** Writes random bits out as the arithmetic that makes them, for engines that have no operator for it. */
export function expandRandomBits(graph: Graph): Graph {
  if (!graph.nodes.some((node) => node.operation === "randomBits")) return graph;
  return rewriteGraph(graph, (node, inputs, builder) =>
    node.operation === "randomBits" ? threefry(new Emitter(builder), inputs[0] as Node, node.shape) : undefined,
  );
}
