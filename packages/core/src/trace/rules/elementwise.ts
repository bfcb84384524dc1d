import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import type { BinaryOperation, UnaryOperation } from "../../graph/operations.ts";
import type { DType } from "../../host-tensor.ts";
import { listOf, type Rule, type Rules, required } from "../rule.ts";

/** Kernels that keep the dtype of their operand. */
const unary: { readonly [kernel: string]: UnaryOperation } = {
  Abs: "abs",
  Ceil: "ceil",
  Floor: "floor",
  Neg: "neg",
  Relu: "relu",
  Round: "round",
  Sign: "sign",
  Square: "square",
  LogicalNot: "not",
};

/** Kernels that compute in float32 whatever they are given. */
const unaryFloat: { readonly [kernel: string]: UnaryOperation } = {
  Acos: "acos",
  Acosh: "acosh",
  Asin: "asin",
  Asinh: "asinh",
  Atan: "atan",
  Atanh: "atanh",
  Cos: "cos",
  Cosh: "cosh",
  Elu: "elu",
  Erf: "erf",
  Exp: "exp",
  Expm1: "expm1",
  IsFinite: "isFinite",
  IsInf: "isInf",
  IsNan: "isNaN",
  Log: "log",
  Log1p: "log1p",
  Reciprocal: "reciprocal",
  Rsqrt: "rsqrt",
  Sigmoid: "sigmoid",
  Sin: "sin",
  Sinh: "sinh",
  Softplus: "softplus",
  Sqrt: "sqrt",
  Tan: "tan",
  Tanh: "tanh",
};

const binary: { readonly [kernel: string]: BinaryOperation } = {
  Add: "add",
  Atan2: "atan2",
  BitwiseAnd: "bitAnd",
  Equal: "equal",
  FloorDiv: "floorDiv",
  Greater: "greater",
  GreaterEqual: "greaterEqual",
  Less: "less",
  LessEqual: "lessEqual",
  LogicalAnd: "and",
  LogicalOr: "or",
  LogicalXor: "xor",
  Maximum: "max",
  Minimum: "min",
  Mod: "mod",
  Multiply: "mul",
  NotEqual: "notEqual",
  Pow: "pow",
  RealDiv: "div",
  Sub: "sub",
};

const unaryRule =
  (operation: UnaryOperation): Rule =>
  (emit, { x }) =>
    emit.unary(operation, x as Node);

const unaryFloatRule =
  (operation: UnaryOperation): Rule =>
  (emit, { x }) =>
    emit.unary(operation, emit.cast(x as Node, "float32"));

const binaryRule =
  (operation: BinaryOperation): Rule =>
  (emit, { a, b }) =>
    emit.binary(operation, a as Node, b as Node);

const mapTable = <T>(table: { readonly [kernel: string]: T }, rule: (entry: T) => Rule): Rules =>
  Object.fromEntries(Object.entries(table).map(([kernel, entry]) => [kernel, rule(entry)]));

/** x where it is positive, else `slope`·x. */
function leaky(emit: Emitter, x: Node, slope: Node | number): Node {
  return emit.select(emit.binary("greater", x, 0), x, emit.mul(x, slope));
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

/** Kernels that compute each element from the elements in its place. */
export const elementwiseRules: Rules = {
  ...mapTable(unary, unaryRule),
  ...mapTable(unaryFloat, unaryFloatRule),
  ...mapTable(binary, binaryRule),

  AddN: (emit, inputs) => listOf(inputs).reduce((sum, term) => emit.add(sum, term)),
  Cast: (emit, { x }, { dtype }) => emit.cast(x as Node, dtype as DType),
  ClipByValue: (emit, { x }, { clipValueMin, clipValueMax }) =>
    emit.binary("min", emit.binary("max", x as Node, clipValueMin as number), clipValueMax as number),
  EluGrad: (emit, { dy, y }) =>
    emit.select(emit.binary("greaterEqual", y as Node, 0), dy as Node, emit.mul(dy as Node, emit.add(y as Node, 1))),
  Identity: (_, inputs) => required(inputs, "x"),
  LeakyRelu: (emit, { x }, { alpha }) => leaky(emit, x as Node, alpha as number),
  Prelu: (emit, { x, alpha }) => leaky(emit, x as Node, alpha as Node),
  Relu6: (emit, { x }) => emit.binary("min", emit.unary("relu", x as Node), 6),
  Select: (emit, inputs) => {
    const [condition, a, b] = [required(inputs, "condition"), required(inputs, "t"), required(inputs, "e")];
    // A vector of conditions picks whole rows.
    const aligned = [...condition.shape, ...new Array<number>(a.shape.length - condition.shape.length).fill(1)];
    return emit.select(emit.reshape(condition, aligned), a, b);
  },
  Selu: (emit, { x }) =>
    emit.select(
      emit.binary("greaterEqual", x as Node, 0),
      emit.mul(x as Node, seluScale),
      emit.mul(emit.unary("expm1", x as Node), seluAlpha),
    ),
  SquaredDifference: (emit, { a, b }) => emit.unary("square", emit.sub(a as Node, b as Node)),
  Step: (emit, { x }, { alpha }) => {
    const node = x as Node;
    const step = emit.select(emit.binary("greater", node, 0), emit.full(1, node.dtype), alpha as number);
    return emit.select(emit.unary("isNaN", node), node, step);
  },
};
