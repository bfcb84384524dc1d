import { narrowToBfloat16 } from "../../files/half.ts";
import type { Node } from "../../graph/graph.ts";
import { sameShape, stridesOf } from "../../graph/shapes.ts";
import { type HostTensor, hostTensor, sizeOf } from "../../host-tensor.ts";
import { threefryBits } from "../../random/threefry.ts";
import type { BitOperation } from "./operations/elementwise.ts";

/** Operations that tfjs has no kernels for, or not on every backend: their operands come to the host and go back. */
export type HostOperation = BitOperation | "randomBits" | "cast";

/** Shift counts are taken modulo 32, and a shift to the right fills with zeros. */
const bits: { readonly [O in BitOperation]: (a: number, b: number) => number } = {
  bitAnd: (a, b) => a & b,
  bitOr: (a, b) => a | b,
  bitXor: (a, b) => a ^ b,
  shiftLeft: (a, b) => a << b,
  shiftRight: (a, b) => a >>> b,
};

export function isHostNode(node: Node): node is Node<HostOperation> {
  if (node.operation === "cast") return node.dtype === "bfloat16";
  return node.operation === "randomBits" || node.operation in bits;
}

/** The elements of a tensor as it broadcasts to a shape. */
function expanded({ shape, data }: HostTensor, to: readonly number[]): ArrayLike<number> {
  if (sameShape(shape, to)) return data;
  const missing = to.length - shape.length;
  const own = stridesOf(shape);
  const steps = to.map((_, axis) => (shape[axis - missing] === 1 ? 0 : (own[axis - missing] ?? 0)));
  const strides = stridesOf(to);
  return Int32Array.from({ length: sizeOf(to) }, (_, position) => {
    const offset = steps.reduce(
      (sum, step, axis) => sum + step * (Math.floor(position / (strides[axis] as number)) % (to[axis] as number)),
      0,
    );
    return data[offset] as number;
  });
}

/** One such operation on host tensors. */
export function computeOnHost(node: Node<HostOperation>, inputs: readonly HostTensor[]): HostTensor {
  const [x, y] = inputs as [HostTensor, HostTensor];
  if (node.operation === "randomBits") {
    const [key0, key1] = x.data as unknown as [number, number];
    return hostTensor("int32", node.shape, threefryBits(key0, key1, sizeOf(node.shape)));
  }
  if (node.operation === "cast") return hostTensor("bfloat16", node.shape, narrowToBfloat16(x.data as Float32Array));
  const [a, b] = [expanded(x, node.shape), expanded(y, node.shape)];
  const f = bits[node.operation];
  return hostTensor(
    "int32",
    node.shape,
    Int32Array.from(a, (element, i) => f(element, b[i] as number)),
  );
}
