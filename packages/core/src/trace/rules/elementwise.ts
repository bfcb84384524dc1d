import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import type { BinaryOperation, UnaryOperation } from "../../graph/operations.ts";
import type { DType } from "../../host-tensor.ts";
import { listOf, type Rule, type RuleAttributes, type Rules, required, upcast } from "../rule.ts";

/** Kernels that compute in the dtype of their operand. */
const unary: { readonly [kernel: string]: UnaryOperation } = {
  Abs: "abs",
  Ceil: "ceil",
  Floor: "floor",
  Neg: "neg",
  Relu: "relu",
  Round: "round",
  Square: "square",
  LogicalNot: "not",
};

/** Kernels of floats; some take integers too and give floats. */
const unaryFloat: { readonly [kernel: string]: UnaryOperation } = {
  Cos: "cos",
  Cosh: "cosh",
  Elu: "elu",
  Erf: "erf",
  Exp: "exp",
  Log: "log",
  Reciprocal: "reciprocal",
  Rsqrt: "rsqrt",
  Sigmoid: "sigmoid",
  Sin: "sin",
  Sqrt: "sqrt",
  Tan: "tan",
  Tanh: "tanh",
};

/** Kernels of floats that tfjs lets keep the dtype of what they are given: of integers come integers, atan 1 is 0. */
const unaryTruncating: { readonly [kernel: string]: UnaryOperation } = {
  Acos: "acos",
  Acosh: "acosh",
  Asin: "asin",
  Asinh: "asinh",
  Atan: "atan",
  Atanh: "atanh",
  Expm1: "expm1",
  Log1p: "log1p",
  Sinh: "sinh",
  Softplus: "softplus",
};

/** Questions about floats, which have an answer for integers too. */
const predicates: { readonly [kernel: string]: UnaryOperation } = {
  IsFinite: "isFinite",
  IsInf: "isInf",
  IsNan: "isNaN",
};

const binary: { readonly [kernel: string]: BinaryOperation } = {
  Add: "add",
  BitwiseAnd: "bitAnd",
  Equal: "equal",
  Greater: "greater",
  GreaterEqual: "greaterEqual",
  Less: "less",
  LessEqual: "lessEqual",
  LogicalAnd: "and",
  LogicalOr: "or",
  Maximum: "max",
  Minimum: "min",
  Mod: "mod",
  Multiply: "mul",
  NotEqual: "notEqual",
  Pow: "pow",
  RealDiv: "div",
  Sub: "sub",
};

/** Operations that change neither 0 nor 1. */
const keepsBool: ReadonlySet<UnaryOperation> = new Set(["abs", "ceil", "floor", "relu", "round", "square"]);

const unaryRule =
  (operation: UnaryOperation): Rule =>
  (emit, inputs) => {
    const x = required(inputs, "x");
    return x.dtype === "bool" && keepsBool.has(operation) ? x : emit.unary(operation, x);
  };

/** A float as an element of an operand's dtype: without its fraction for integers and booleans. */
const truncated = (emit: Emitter, value: Node, dtype: DType) =>
  dtype === "float32" ? value : emit.cast(emit.cast(value, "int32"), dtype);

/** Computes in float32 and returns the result in the operand's dtype. */
const truncating =
  (f: (emit: Emitter, x: Node, attributes: RuleAttributes) => Node): Rule =>
  (emit, inputs, attributes) => {
    const x = required(inputs, "x");
    return truncated(emit, f(emit, emit.cast(x, "float32"), attributes), x.dtype);
  };

const unaryFloatRule =
  (operation: UnaryOperation): Rule =>
  (emit, { x }) =>
    emit.unary(operation, emit.cast(x as Node, "float32"));

const binaryRule =
  (operation: BinaryOperation): Rule =>
  (emit, inputs) => {
    const [a, b] = [required(inputs, "a"), required(inputs, "b")];
    const isProductOfMasks = operation === "mul" && a.dtype === "bool" && b.dtype === "bool";
    return emit.binary(isProductOfMasks ? "and" : operation, a, b);
  };

const mapTable = <T>(table: { readonly [kernel: string]: T }, rule: (entry: T) => Rule): Rules =>
  Object.fromEntries(Object.entries(table).map(([kernel, entry]) => [kernel, rule(entry)]));

/** `slope`·x where x is negative, else x: of 0 it is 0 whatever the slope, which may be infinite. */
function leaky(emit: Emitter, x: Node, slope: Node | number): Node {
  return emit.select(emit.binary("less", x, 0), emit.mul(x, slope), x);
}

/** The activations that tfjs's fused kernels name. */
export function activation(
  emit: Emitter,
  name: string,
  x: Node,
  { slope, weights }: { slope?: number; weights?: Node | undefined },
): Node {
  switch (name) {
    case "linear":
      return x;
    case "relu":
    case "elu":
    case "sigmoid":
      return emit.unary(name, x);
    case "relu6":
      return emit.binary("min", emit.unary("relu", x), 6);
    case "leakyrelu":
      return leaky(emit, x, slope ?? 0.2);
    case "prelu":
      return leaky(emit, x, weights as Node);
    default:
      throw new RangeError(
        `activation "${name}" is unknown; tfjs has linear, relu, relu6, elu, sigmoid, leakyrelu, prelu`,
      );
  }
}

// Self-normalising networks (Klambauer et al. 2017), as tfjs rounds them.
const seluAlpha = 1.7580993408473768;
const seluScale = 1.0507009873554805;

/** A bound for integers: its fraction cannot be reached, and beyond the largest integer there is no bound. */
const wholeBound = (value: number) => Math.trunc(Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1));

/** Kernels that compute each element from the elements in its place. */
export const elementwiseRules: Rules = {
  ...mapTable(unary, unaryRule),
  ...mapTable(unaryFloat, unaryFloatRule),
  ...mapTable(unaryTruncating, (operation) => truncating((emit, x) => emit.unary(operation, x))),
  ...mapTable(predicates, unaryFloatRule),
  ...mapTable(binary, binaryRule),

  // In the dtype of its operands, as the functions of one operand that truncate.
  Atan2: (emit, inputs) => {
    const [a, b] = [required(inputs, "a"), required(inputs, "b")];
    return truncated(emit, emit.binary("atan2", emit.cast(a, "float32"), emit.cast(b, "float32")), a.dtype);
  },
  AddN: (emit, inputs) => listOf(inputs).reduce((sum, term) => emit.add(sum, term)),
  Cast: (emit, { x }, { dtype }) => emit.cast(x as Node, dtype as DType),
  ClipByValue: (emit, inputs, { clipValueMin, clipValueMax }) => {
    const x = required(inputs, "x");
    const bound = (value: unknown) => (x.dtype === "float32" ? (value as number) : wholeBound(value as number));
    return emit.binary("min", emit.binary("max", x, bound(clipValueMin)), bound(clipValueMax));
  },
  EluGrad: (emit, { dy, y }) =>
    emit.select(emit.binary("greaterEqual", y as Node, 0), dy as Node, emit.mul(dy as Node, emit.add(y as Node, 1))),
  FloorDiv: (emit, { a, b }) => emit.cast(emit.binary("floorDiv", a as Node, b as Node), "int32"),
  Identity: (_, inputs) => required(inputs, "x"),
  LeakyRelu: (emit, { x }, { alpha }) => leaky(emit, emit.cast(x as Node, "float32"), alpha as number),
  Prelu: (emit, { x, alpha }) => leaky(emit, emit.cast(x as Node, "float32"), emit.cast(alpha as Node, "float32")),
  Relu6: (emit, inputs) => {
    const x = required(inputs, "x");
    return x.dtype === "bool" ? x : emit.binary("min", emit.unary("relu", x), 6);
  },
  Select: (emit, inputs) => {
    const condition = required(inputs, "condition");
    const [a, b] = upcast(emit, [required(inputs, "t"), required(inputs, "e")]) as [Node, Node];
    // A vector of conditions picks whole rows.
    const aligned = [...condition.shape, ...new Array<number>(a.shape.length - condition.shape.length).fill(1)];
    return emit.select(emit.reshape(condition, aligned), a, b);
  },
  Selu: truncating((emit, x) =>
    emit.select(emit.binary("greaterEqual", x, 0), emit.mul(x, seluScale), emit.mul(emit.unary("expm1", x), seluAlpha)),
  ),
  // tfjs gives the sign 0 to what is not a number.
  Sign: (emit, inputs) => {
    const x = required(inputs, "x");
    if (x.dtype === "bool") return x;
    const sign = emit.unary("sign", x);
    return x.dtype === "float32" ? emit.select(emit.unary("isNaN", x), 0, sign) : sign;
  },
  SquaredDifference: (emit, { a, b }) => emit.unary("square", emit.sub(a as Node, b as Node)),
  Step: truncating((emit, x, { alpha }) => {
    const step = emit.select(emit.binary("greater", x, 0), emit.full(1, "float32"), alpha as number);
    return emit.select(emit.unary("isNaN", x), x, step);
  }),
};
