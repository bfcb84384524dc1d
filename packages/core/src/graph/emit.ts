import { type DType, type HostTensor, sizeOf } from "../host-tensor.ts";
import type { GraphBuilder, Node } from "./graph.ts";
import type { BinaryOperation, ReductionOperation, UnaryOperation } from "./operations.ts";
import { range, sameShape } from "./shapes.ts";

/** An operand: a value, or a number that takes the dtype of its partner. */
export type Operand = Node | number;

/** Reads like arithmetic where {@link GraphBuilder.add} would read like a table: used by trace rules and passes. */
export class Emitter {
  constructor(readonly builder: GraphBuilder) {}

  full(value: number, dtype: DType, shape: readonly number[] = []): Node {
    return this.builder.full(value, dtype, shape);
  }

  constant(value: HostTensor): Node {
    const first = value.data[0];
    const isSplat = first !== undefined && value.data.every((element) => Object.is(element, first));
    return isSplat ? this.full(first, value.dtype, value.shape) : this.builder.add("constant", [], { value });
  }

  unary(operation: UnaryOperation, x: Node): Node {
    return this.builder.add(operation, [x], {});
  }

  binary(operation: BinaryOperation, a: Operand, b: Operand): Node {
    const dtype = typeof a === "number" ? (b as Node).dtype : a.dtype;
    return this.builder.add(operation, [this.#operand(a, dtype), this.#operand(b, dtype)], {});
  }

  add = (a: Operand, b: Operand) => this.binary("add", a, b);
  sub = (a: Operand, b: Operand) => this.binary("sub", a, b);
  mul = (a: Operand, b: Operand) => this.binary("mul", a, b);
  div = (a: Operand, b: Operand) => this.binary("div", a, b);

  select(condition: Node, a: Operand, b: Operand): Node {
    const dtype = typeof a === "number" ? (typeof b === "number" ? "float32" : b.dtype) : a.dtype;
    return this.builder.add("select", [condition, this.#operand(a, dtype), this.#operand(b, dtype)], {});
  }

  cast(x: Node, to: DType): Node {
    return x.dtype === to ? x : this.builder.add("cast", [x], { to });
  }

  reshape(x: Node, shape: readonly number[]): Node {
    return sameShape(x.shape, shape) ? x : this.builder.add("reshape", [x], { shape });
  }

  transpose(x: Node, permutation: readonly number[]): Node {
    return sameShape(permutation, range(permutation.length)) ? x : this.builder.add("transpose", [x], { permutation });
  }

  broadcast(x: Node, shape: readonly number[]): Node {
    return sameShape(x.shape, shape) ? x : this.builder.add("broadcast", [x], { shape });
  }

  slice(
    x: Node,
    begin: readonly number[],
    size: readonly number[],
    strides: readonly number[] = begin.map(() => 1),
  ): Node {
    return this.builder.add("slice", [x], { begin, size, strides });
  }

  pad(x: Node, before: readonly number[], after: readonly number[], value = 0): Node {
    return [...before, ...after].every((pad) => pad === 0) ? x : this.builder.add("pad", [x], { before, after, value });
  }

  concat(parts: readonly Node[], axis: number): Node {
    return parts.length === 1 ? (parts[0] as Node) : this.builder.add("concat", parts, { axis });
  }

  reduce(operation: ReductionOperation, x: Node, axes: readonly number[], keepDims = false): Node {
    return axes.length === 0
      ? x
      : this.builder.add(operation, [x], { axes: [...axes].sort((a, b) => a - b), keepDims });
  }

  /** Mean over axes; NaN where an axis is empty. */
  mean(x: Node, axes: readonly number[], keepDims = false): Node {
    return this.div(this.reduce("reduceSum", x, axes, keepDims), sizeOf(axes.map((axis) => x.shape[axis] as number)));
  }

  matmul(a: Node, b: Node, { transposeA = false, transposeB = false } = {}): Node {
    return this.builder.add("matmul", [a, b], { transposeA, transposeB });
  }

  #operand(x: Operand, dtype: DType): Node {
    return typeof x === "number" ? this.full(x, dtype) : x;
  }
}
