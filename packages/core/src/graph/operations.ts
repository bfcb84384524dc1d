import type { DType, HostTensor } from "../host-tensor.ts";
import type { CollectiveAttributes } from "./collectives.ts";

/** Elementwise operations of one operand. `not` is logical, on bool; the rest follow IEEE 754 on float32. */
export const unaryOperations = [
  "neg", "abs", "sign", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "reciprocal", "square",
  "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
  "sigmoid", "softplus", "erf", "relu", "elu", "ceil", "floor", "round",
  "isNaN", "isInf", "isFinite", "not",
] as const; // biome-ignore format: a table

/** Elementwise operations of two operands that broadcast against each other as in NumPy. */
export const binaryOperations = [
  "add", "sub", "mul", "div", "floorDiv", "mod", "pow", "max", "min", "atan2",
  "equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual",
  "and", "or", "xor",
  "bitAnd", "bitOr", "bitXor", "shiftLeft", "shiftRight",
] as const; // biome-ignore format: a table

/** Reductions over `axes`. A sum or product over nothing is 0 or 1; a maximum over nothing is an error. */
export const reductionOperations = ["reduceSum", "reduceMax", "reduceMin", "reduceProd"] as const;

export type UnaryOperation = (typeof unaryOperations)[number];
export type BinaryOperation = (typeof binaryOperations)[number];
export type ReductionOperation = (typeof reductionOperations)[number];

type Empty = Record<never, never>;

interface ReductionAttributes {
  /** Sorted, non-negative, without repetition. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** A window that slides over the two spatial axes of an NHWC image; padding is explicit, in elements. */
export interface WindowAttributes {
  readonly window: readonly [height: number, width: number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number };
}

interface ConvolutionAttributes extends Omit<WindowAttributes, "window"> {
  /** 1, or the number of input channels for a depthwise convolution. */
  readonly groups: number;
}

/**
 * The closed table of graph operations with their attributes. Every shape in a graph is static, images are NHWC, and
 * every operation yields one tensor; its type follows from inputs and attributes (`infer.ts`).
 */
export type Attributes = Record<UnaryOperation | BinaryOperation, Empty> &
  Record<ReductionOperation, ReductionAttributes> &
  CollectiveAttributes & {
    /** An argument of the program. */
    input: { readonly name: string; readonly dtype: DType; readonly shape: readonly number[] };
    constant: { readonly value: HostTensor };
    /** A tensor whose elements are all `value`. */
    full: { readonly value: number; readonly dtype: DType; readonly shape: readonly number[] };
    /** `condition ? a : b`, all three broadcast. */
    select: Empty;
    /**
     * float32 → int32 truncates, wraps around, and makes 0 of NaN, as in JavaScript; anything → bool is `≠ 0`; float32 → bfloat16
     * rounds to nearest, ties to even.
     */
    cast: { readonly to: DType };
    reshape: { readonly shape: readonly number[] };
    transpose: { readonly permutation: readonly number[] };
    broadcast: { readonly shape: readonly number[] };
    slice: { readonly begin: readonly number[]; readonly size: readonly number[]; readonly strides: readonly number[] };
    pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };
    concat: { readonly axis: number };
    reverse: { readonly axes: readonly number[] };
    tile: { readonly repetitions: readonly number[] };
    /** `gather(x, indices)` replaces axis `axis` of x by the shape of the indices. */
    gather: { readonly axis: number };
    /** `gatherNd(x, indices)`: the last axis of the indices holds coordinates into the leading axes of x. */
    gatherNd: Empty;
    /** `scatterNd(indices, updates)` adds updates at coordinates into zeros of `shape`; repeated coordinates add up. */
    scatterNd: { readonly shape: readonly number[] };
    argMax: { readonly axis: number };
    argMin: { readonly axis: number };
    cumsum: { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };
    /** The k largest of the last axis, largest first. */
    topKValues: { readonly k: number };
    topKIndices: { readonly k: number };
    /** Over the last axis. */
    softmax: Empty;
    /** Product over the last two axes; leading axes broadcast. */
    matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
    /** x [N,H,W,C], filter [h,w,C/groups,O] → [N,H',W',O]. */
    conv2d: ConvolutionAttributes;
    /** dy [N,H',W',O], filter [h,w,C/groups,O] → dx of `shape` [N,H,W,C]. */
    conv2dInputGradient: ConvolutionAttributes & { readonly shape: readonly number[] };
    maxPool: WindowAttributes;
    /** Padding does not count in the mean. */
    averagePool: WindowAttributes;
    /**
     * `barrier(x, ...after)` is x, but is not computed before `after` are. It equals no other value, so what is computed
     * from it is neither merged with what was computed from x earlier nor moved to an earlier time.
     */
    barrier: Empty;
    /** 32 random bits an element from Threefry-2x32 under a key int32 [2]; see `random/`. */
    randomBits: { readonly shape: readonly number[] };
  };

export type Operation = keyof Attributes;

const unarySet: ReadonlySet<string> = new Set(unaryOperations);
const binarySet: ReadonlySet<string> = new Set(binaryOperations);
const reductionSet: ReadonlySet<string> = new Set(reductionOperations);

export function isUnary(operation: Operation): operation is UnaryOperation {
  return unarySet.has(operation);
}

export function isBinary(operation: Operation): operation is BinaryOperation {
  return binarySet.has(operation);
}

export function isReduction(operation: Operation): operation is ReductionOperation {
  return reductionSet.has(operation);
}

/** Operations that compute each element of the result from the elements of the same (broadcast) position. */
export function isElementwise(operation: Operation): boolean {
  return isUnary(operation) || isBinary(operation) || operation === "select" || operation === "cast";
}

const comparisons: ReadonlySet<Operation> = new Set<Operation>([
  "equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual",
  "and", "or", "xor", "not", "isNaN", "isInf", "isFinite",
]); // biome-ignore format: a table

/** Elementwise operations whose result is bool whatever their operands are. */
export function yieldsBool(operation: Operation): boolean {
  return comparisons.has(operation);
}

const commutative: ReadonlySet<Operation> = new Set<Operation>([
  "add", "mul", "max", "min", "equal", "notEqual", "and", "or", "xor", "bitAnd", "bitOr", "bitXor",
]); // biome-ignore format: a table

/** Binary operations that give the same for operands in either order. */
export function isCommutative(operation: Operation): boolean {
  return commutative.has(operation);
}
