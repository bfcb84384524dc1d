import type { Node } from "../graph/graph.ts";
import { stridesOf } from "../graph/shapes.ts";
import { sizeOf } from "../host-tensor.ts";
import {
  type BinaryOp,
  binaryOps,
  denseRows,
  type RowInput,
  type RowOffset,
  type RowOutput,
  type RowProgram,
  type RowValue,
  type UnaryOp,
} from "../native/row-program.ts";
import type { Cluster } from "./cluster.ts";
import type { Piece } from "./pieces.ts";
import { nativeName, nativeReductions, type Role, registerType } from "./space.ts";
import { broadcastView, type View, viewOf } from "./view.ts";

/**
 * What a kernel writes: a member as it is, a member under the layout of a transpose, sums of a member over rows, or a
 * member as a piece of a larger tensor.
 */
export type KernelOutput =
  | { readonly kind: "value"; readonly node: Node; readonly shape: readonly number[] }
  | { readonly kind: "layout"; readonly node: Node; readonly value: Node; readonly shape: readonly number[] }
  | { readonly kind: "rowSums"; readonly node: Node; readonly value: Node; readonly shape: readonly number[] }
  | PieceOutput;

/** The larger tensor, as far as it is written once this kernel has run. */
export interface PieceOutput extends Piece {
  readonly kind: "piece";
  readonly node: Node;
  /** Of the larger tensor. */
  readonly shape: readonly number[];
  /** The tensor as far as earlier kernels wrote it; this one writes into the same memory. Not there for the first. */
  readonly onto?: Node;
}

/** A row program and the tensors of the graph that it reads and writes. */
export interface Kernel {
  readonly program: RowProgram;
  readonly inputs: readonly Node[];
  /** Tensors that it does not read, but waits for. */
  readonly after: readonly Node[];
  readonly outputs: readonly KernelOutput[];
}

const binarySet: ReadonlySet<string> = new Set(binaryOps);

/** Where the rows of a view begin, and how its columns lie. All axes are rows where a reader has no columns. */
export function locate(view: View, role: Role): Omit<RowInput, "dtype"> {
  const rowAxes = role === "row" ? view.shape.length : Math.max(0, view.shape.length - 1);
  const terms: { divisor: number; modulus: number; stride: number }[] = [];
  let divisor = 1;
  for (let axis = rowAxes - 1; axis >= 0; axis--) {
    const [size, stride] = [view.shape[axis] as number, view.strides[axis] as number];
    if (size === 1) continue;
    const inner = terms.at(-1);
    const isContinuation =
      inner && inner.divisor * inner.modulus === divisor && stride === inner.stride * inner.modulus;
    if (isContinuation) inner.modulus *= size;
    else if (stride !== 0) terms.push({ divisor, modulus: size, stride });
    divisor *= size;
  }
  const moves = role === "full" && (view.shape.at(-1) ?? 1) > 1 && view.strides.at(-1) === 1;
  return { rowOffset: { base: view.offset, terms: terms.reverse() }, columnStride: moves ? 1 : 0 };
}

/**
 * Where each row of a member goes in a tensor that is a permutation of its axes with the last one kept, or `undefined`
 * where the tensor is no such permutation.
 */
export function layoutOf(tensor: Node, member: Node, columns: number): RowOffset | undefined {
  const view = viewOf(tensor);
  if (view.base !== member || view.offset !== 0 || sizeOf(view.shape) !== sizeOf(member.shape)) return undefined;
  const written = stridesOf(view.shape);
  const last = view.shape.length - 1;
  if (view.shape[last] !== columns || (columns > 1 && view.strides[last] !== 1)) return undefined;
  const terms = [];
  for (let axis = 0; axis < last; axis++) {
    const [size, stride] = [view.shape[axis] as number, view.strides[axis] as number];
    if (size === 1) continue;
    if (stride === 0 || stride % columns !== 0) return undefined;
    terms.push({ divisor: stride / columns, modulus: size, stride: written[axis] as number });
  }
  return { base: 0, terms };
}

/** Sums over rows are made in this many parts, whatever the number of threads, so that they are always the same. */
const usualParts = 16;

/** Rows whose sum one float32 may add up one by one; of more rows there are more parts. */
const mostRowsOfPart = 4096;

/** Elements of the partial sums of a kernel: parts × columns. */
export function rowSumShape({ rows, columns }: Cluster): readonly [parts: number, columns: number] {
  return [Math.min(rows, Math.max(usualParts, Math.ceil(rows / mostRowsOfPart))), columns];
}

/** Writes a cluster down as a row program. */
export function buildKernel(cluster: Cluster, outputs: readonly KernelOutput[]): Kernel {
  const { rows, columns, members } = cluster;
  const values: RowValue[] = [];
  const indices = new Map<Node, number>();
  const inputs: RowInput[] = [];
  const bases: Node[] = [];
  const after = new Set<Node>();
  const known = new Map<string, number>();

  const push = (value: RowValue): number => values.push(value) - 1;
  const once = (key: string, make: () => RowValue): number => {
    const index = known.get(key) ?? push(make());
    known.set(key, index);
    return index;
  };

  /** The value of an operand as `reader` sees it. */
  const read = (operand: Node, reader: Node, role: Role): number => {
    const inside = indices.get(operand);
    if (inside !== undefined) return inside;
    if (operand.operation === "full") {
      const { value } = operand.attributes;
      const dtype = registerType(operand);
      return once(`constant ${dtype} ${Object.is(value, -0) ? "-0" : value}`, () => ({
        kind: "constant",
        dtype,
        value,
      }));
    }
    const view = broadcastView(viewOf(operand), reader.shape);
    for (const node of view.after) after.add(node);
    const place = locate(view, role);
    return once(`input ${view.base.id} ${JSON.stringify(place)}`, () => {
      bases.push(view.base);
      return { kind: "input", input: inputs.push({ dtype: view.base.dtype, ...place }) - 1 };
    });
  };

  for (const [node, role] of members) {
    const operand = node.inputs[0] as Node;
    // A reduction reads all columns of its operand, though it is itself one number a row.
    if (node.operation === "reduceSum" || node.operation === "reduceMax" || node.operation === "reduceMin") {
      const x = read(operand, operand, "full");
      indices.set(node, push({ kind: "reduce", op: nativeReductions[node.operation], x }));
      continue;
    }
    const operands = node.inputs.map((input) => read(input, node, role));
    indices.set(node, appendOperation(node, operands, push));
  }

  const rowOutputs = outputs.map((output): RowOutput => {
    const value = indices.get(output.kind === "value" ? output.node : output.value) as number;
    if (output.kind === "rowSums") return { kind: "accumulate", value, chunks: output.shape[0] as number };
    const { dtype } = output.node;
    const size = sizeOf(output.shape);
    if (output.kind === "piece") {
      return { kind: "store", value, dtype, rowOffset: locate(output.place, "full").rowOffset, columnStride: 1, size };
    }
    if (output.kind === "layout") {
      const rowOffset = layoutOf(output.node, output.value, columns) as RowOffset;
      return { kind: "store", value, dtype, rowOffset, columnStride: 1, size };
    }
    return members.get(output.node) === "row"
      ? { kind: "store", value, dtype, rowOffset: denseRows(rows, 1), columnStride: 0, size }
      : { kind: "store", value, dtype, rowOffset: denseRows(rows, columns), columnStride: 1, size };
  });
  return { program: { rows, columns, inputs, values, outputs: rowOutputs }, inputs: bases, after: [...after], outputs };
}

/** Appends one elementwise operation, or the few that an ELU or a softmax is. */
function appendOperation(node: Node, operands: readonly number[], push: (value: RowValue) => number): number {
  const [x, y, z] = operands as [number, number, number];
  switch (node.operation) {
    case "cast":
      if (node.dtype === "bfloat16") return push({ kind: "unary", op: "roundBfloat16", x });
      return push({ kind: "cast", dtype: registerType(node), x });
    case "select":
      return push({ kind: "select", condition: x, a: y, b: z });
    case "elu": {
      const zero = push({ kind: "constant", dtype: "float32", value: 0 });
      const condition = push({ kind: "binary", op: "greater", a: x, b: zero });
      const below = push({ kind: "unary", op: "expm1", x });
      return push({ kind: "select", condition, a: x, b: below });
    }
    case "softmax": {
      const largest = push({ kind: "reduce", op: "max", x });
      const shifted = push({ kind: "binary", op: "sub", a: x, b: largest });
      const power = push({ kind: "unary", op: "exp", x: shifted });
      const total = push({ kind: "reduce", op: "sum", x: power });
      return push({ kind: "binary", op: "div", a: power, b: total });
    }
    default: {
      const op = nativeName(node.operation);
      if (!op) throw new Error(`internal: ${node.operation} cannot be part of a kernel`);
      return binarySet.has(op)
        ? push({ kind: "binary", op: op as BinaryOp, a: x, b: y })
        : push({ kind: "unary", op: op as UnaryOp, x });
    }
  }
}
