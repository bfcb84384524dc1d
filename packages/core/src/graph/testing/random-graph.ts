import { hostTensor, sizeOf } from "../../host-tensor.ts";
import { Emitter } from "../emit.ts";
import { type Graph, GraphBuilder, type Node } from "../graph.ts";
import type { BinaryOperation, ReductionOperation, UnaryOperation } from "../operations.ts";
import { broadcastShapes, range } from "../shapes.ts";

/** Draws an integer from 0 to `bound` − 1. */
type Draw = (bound: number) => number;

/** Draws from given numbers, then zeros. */
function drawFrom(tape: readonly number[]): Draw {
  let next = 0;
  return (bound) => (tape[next++] ?? 0) % bound;
}

/** Graphs stay small enough for the interpreter. */
const largest = 600;

// Smooth and of moderate size, so that equal programs have close results: jumps and poles are drawn only where their
// argument is an input of the program or an integer.
const floatUnary: readonly UnaryOperation[] = [
  "neg",
  "abs",
  "square",
  "tanh",
  "sigmoid",
  "relu",
  "sin",
  "softplus",
  "erf",
];
const integerUnary: readonly UnaryOperation[] = ["neg", "abs", "square", "sign", "relu"];
const floatBinary: readonly BinaryOperation[] = ["add", "sub", "mul", "max", "min"];
const comparisons: readonly BinaryOperation[] = ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"];
const logic: readonly BinaryOperation[] = ["and", "or", "xor", "equal", "notEqual"];
const bits: readonly BinaryOperation[] = ["bitAnd", "bitOr", "bitXor"];
const numbers = [0, 1, -1, 2, 0.5, 3, -0.25, 8] as const;

type Step = (emit: Emitter, draw: Draw, x: Node, pool: readonly Node[]) => Node | undefined;

const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)] as T;

function broadcasts(...nodes: readonly Node[]): boolean {
  try {
    return sizeOf(broadcastShapes(...nodes.map(({ shape }) => shape))) <= largest;
  } catch {
    return false;
  }
}

/** Another operand for x: a value of its dtype that broadcasts with it, or a number. */
function partner(emit: Emitter, draw: Draw, x: Node, pool: readonly Node[]): Node {
  const fitting = pool.filter((y) => y.dtype === x.dtype && broadcasts(x, y));
  if (fitting.length > 0 && draw(3) > 0) return pick(draw, fitting);
  const value = pick(draw, numbers);
  const number = x.dtype === "float32" ? value : x.dtype === "int32" ? Math.trunc(value) : Number(value > 0);
  return emit.full(number, x.dtype, draw(4) === 0 ? x.shape : []);
}

const isInput = (x: Node) => x.operation === "input" || x.dtype !== "float32";

const axesOf = (draw: Draw, x: Node) => range(x.shape.length).filter(() => draw(2) === 0);

const steps: readonly Step[] = [
  (emit, draw, x) => {
    if (x.dtype === "bool") return emit.unary("not", x);
    return emit.unary(pick(draw, x.dtype === "float32" ? floatUnary : integerUnary), x);
  },
  (emit, draw, x, pool) => {
    const [a, b] = [x, partner(emit, draw, x, pool)];
    const [left, right] = draw(2) === 0 ? [a, b] : [b, a];
    if (x.dtype === "bool") return emit.binary(pick(draw, logic), left, right);
    return emit.binary(pick(draw, x.dtype === "int32" ? [...floatBinary, ...bits] : floatBinary), left, right);
  },
  (emit, draw, x, pool) => {
    const y = partner(emit, draw, x, pool);
    return isInput(x) && isInput(y) && x !== y ? emit.binary(pick(draw, comparisons), x, y) : undefined;
  },
  (emit, draw, x) => (x.dtype === "float32" ? emit.div(x, pick(draw, [1, 2, 3, -4, 0.5])) : undefined),
  (emit, draw, x) => (x.dtype === "float32" ? emit.binary("pow", x, pick(draw, [0, 1, 2, 3])) : undefined),
  (emit, _, x) => (x.dtype === "float32" ? emit.div(x, emit.add(emit.unary("square", x), 1)) : undefined),
  (emit, draw, x, pool) => {
    const conditions = pool.filter((c) => c.dtype === "bool" && broadcasts(c, x));
    const [c, y] = [
      conditions.length > 0 ? pick(draw, conditions) : emit.full(draw(2), "bool"),
      partner(emit, draw, x, pool),
    ];
    return broadcasts(c, x, y) ? emit.select(c, x, y) : undefined;
  },
  (emit, draw, x) =>
    emit.cast(x, x.dtype === "float32" ? "float32" : pick(draw, ["float32", "int32", "bool"] as const)),
  (emit, draw, x) => {
    // Splits an axis in two, merges two, or puts in an axis of size 1.
    const axis = draw(x.shape.length + 1);
    const size = x.shape[axis];
    const [head, tail] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
    if (size === undefined || draw(3) === 0) return emit.reshape(x, [...head, 1, ...x.shape.slice(axis)]);
    if (tail.length > 0 && draw(2) === 0)
      return emit.reshape(x, [...head, size * (tail[0] as number), ...tail.slice(1)]);
    return emit.reshape(x, size % 2 === 0 && size > 0 ? [...head, 2, size / 2, ...tail] : [sizeOf(x.shape)]);
  },
  (emit, draw, x) => {
    const left = range(x.shape.length);
    const permutation = x.shape.map(() => left.splice(draw(left.length), 1)[0] as number);
    return emit.transpose(x, permutation);
  },
  (emit, draw, x) => {
    const shape = [...(draw(2) === 0 ? [2] : []), ...x.shape.map((size) => (size === 1 ? draw(3) + 1 : size))];
    return sizeOf(shape) <= largest ? emit.broadcast(x, shape) : undefined;
  },
  (emit, draw, x) => {
    const parts = x.shape.map((length) => {
      const first = draw(Math.max(1, length));
      const backward = length > 0 && draw(4) === 0;
      const stride = backward ? -1 : 1 + draw(2);
      const most = length === 0 ? 0 : backward ? first + 1 : Math.ceil((length - first) / stride);
      return { first, stride, size: draw(5) === 0 ? draw(most + 1) : most };
    });
    return emit.slice(
      x,
      parts.map((part) => part.first),
      parts.map((part) => part.size),
      parts.map((part) => part.stride),
    );
  },
  (emit, draw, x) => {
    const value = draw(3) > 0 || x.dtype !== "float32" ? 0 : 1.5;
    const [before, after] = [x.shape.map(() => draw(2)), x.shape.map(() => draw(2))];
    const padded = emit.pad(x, before, after, value);
    return sizeOf(padded.shape) <= largest ? padded : undefined;
  },
  (emit, draw, x) => {
    // Sums of disjoint pads: what the gradient of a split is.
    const axis = draw(Math.max(1, x.shape.length));
    const length = x.shape[axis];
    if (length === undefined || x.dtype !== "float32" || sizeOf(x.shape) * 3 > largest) return undefined;
    const at = (size: number) => x.shape.map((_, i) => (i === axis ? size : 0));
    const [gap, both] = [draw(2), emit.pad(x, at(0), at(2 * length + 2))];
    const other = emit.pad(emit.unary("tanh", x), at(length + gap), at(length + 2 - gap));
    const third = emit.pad(emit.mul(x, 3), at(2 * length + gap), at(2 - gap));
    return draw(2) === 0 ? emit.add(other, both) : emit.add(emit.add(both, third), other);
  },
  (emit, draw, x, pool) => {
    const axis = draw(Math.max(1, x.shape.length));
    const fits = (y: Node) =>
      y.dtype === x.dtype &&
      y.shape.length === x.shape.length &&
      y.shape.every((size, i) => i === axis || size === x.shape[i]);
    if (x.shape.length === 0) return undefined;
    const parts = [x, pick(draw, pool.filter(fits).concat(x)), x].slice(0, 2 + draw(2));
    const joined = emit.concat(parts, axis);
    return sizeOf(joined.shape) <= largest ? joined : undefined;
  },
  (emit, draw, x) => {
    const operation = pick<ReductionOperation>(draw, ["reduceSum", "reduceSum", "reduceMax", "reduceMin"]);
    const axes = axesOf(draw, x);
    if (x.dtype === "bool" || (operation !== "reduceSum" && x.shape.includes(0))) return undefined;
    return emit.reduce(operation, x, axes, draw(2) === 0);
  },
  (emit, draw, x, pool) => {
    if (x.dtype !== "float32" || x.shape.length < 2) return undefined;
    const options = { transposeA: draw(2) === 0, transposeB: draw(2) === 0 };
    const inner = (y: Node, last: boolean) => y.shape.at(last ? -1 : -2);
    const fits = (y: Node) => {
      if (y.dtype !== "float32" || y.shape.length < 2) return false;
      if (inner(x, !options.transposeA) !== inner(y, options.transposeB)) return false;
      const rows = inner(x, options.transposeA) as number;
      const columns = inner(y, !options.transposeB) as number;
      try {
        return sizeOf(broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2))) * rows * columns <= largest;
      } catch {
        return false;
      }
    };
    const fitting = pool.filter(fits);
    const product = fitting.length > 0 ? emit.matmul(x, pick(draw, fitting), options) : undefined;
    if (!product || draw(2) === 0) return product;
    return emit.reduce("reduceSum", product, range(product.shape.length - 2), draw(2) === 0);
  },
  (emit, draw, x) => {
    const repetitions = x.shape.map(() => 1 + draw(2));
    const size = sizeOf(x.shape) * sizeOf(repetitions);
    return size <= largest ? emit.builder.add("tile", [x], { repetitions }) : undefined;
  },
  (emit, draw, x) => emit.builder.add("reverse", [x], { axes: axesOf(draw, x) }),
  (emit, draw, x) => {
    const axis = draw(Math.max(1, x.shape.length));
    const length = x.shape[axis];
    if (!length) return undefined;
    const indices = Int32Array.from({ length: 1 + draw(3) }, () => draw(length));
    return emit.builder.add("gather", [x, emit.constant(hostTensor("int32", [indices.length], indices))], { axis });
  },
  (emit, _, x) =>
    x.dtype === "float32" && x.shape.length > 0 && !x.shape.includes(0)
      ? emit.builder.add("softmax", [x], {})
      : undefined,
];

/**
 * A program over a few small inputs, with axes of size 0 and 1, broadcasting, and values that many read. Each tape of
 * natural numbers decides on one operation, the first on the inputs, so that a shorter list is a simpler program.
 */
export function graphFromTapes([first = [], ...rest]: readonly (readonly number[])[]): Graph {
  const builder = new GraphBuilder();
  const emit = new Emitter(builder);
  const draw = drawFrom(first);
  const pool: Node[] = range(2 + draw(3)).map((i) =>
    builder.input(
      `${i}`,
      pick(draw, ["float32", "float32", "float32", "int32", "bool"] as const),
      range(draw(4)).map(() => pick(draw, [2, 3, 1, 4, 2, 3, 1, 4, 2, 0])),
    ),
  );
  for (const tape of rest) {
    const own = drawFrom(tape);
    // Later values are likelier, so that operations form chains.
    const back = Math.min(own(pool.length), own(pool.length), own(pool.length), own(pool.length));
    const x = pool[pool.length - 1 - back] as Node;
    const y = pick(own, steps)(emit, own, x, pool);
    if (y) pool.push(y);
  }
  const read = new Set(pool.flatMap((node) => node.inputs));
  return builder.build([...pool.filter((node) => !read.has(node)), pick(draw, pool)]);
}
