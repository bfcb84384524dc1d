import * as tf from "@tensorflow/tfjs-core";
import type { Emitter } from "../graph/emit.ts";
import type { Node } from "../graph/graph.ts";
import type { DType } from "../host-tensor.ts";

/** Inputs of a tfjs kernel by name; kernels of a list of tensors name them "0", "1", … in order. */
export type RuleInputs = { readonly [name: string]: Node };

/** Attributes of a tfjs kernel. Their types are tfjs's promise, which each rule restates where it reads them. */
export type RuleAttributes = { readonly [name: string]: unknown };

/** How one tfjs kernel is recorded: appends operations, and returns the value of each of the kernel's outputs. */
export type Rule = (emit: Emitter, inputs: RuleInputs, attributes: RuleAttributes) => Node | readonly Node[];

/** Rules by kernel name. */
export type Rules = { readonly [kernel: string]: Rule };

/** The inputs of a kernel that takes a list. */
export function listOf(inputs: RuleInputs): Node[] {
  return Object.values(inputs);
}

/** The input of that name, which the kernel cannot lack. */
export function required(inputs: RuleInputs, name: string): Node {
  const node = inputs[name];
  if (!node) throw new Error(`internal: a kernel was called without its input "${name}"`);
  return node;
}

/** Values of one dtype, the widest among them, as tfjs makes types match: bool, then int32, then float32. */
export function upcast(emit: Emitter, nodes: readonly Node[]): Node[] {
  const widest = nodes
    .map(({ dtype }) => dtype)
    .reduce((a, b) => tf.upcastType(a as tf.DataType, b as tf.DataType) as DType);
  return nodes.map((node) => emit.cast(node, widest));
}

/** tfjs's axis attribute (one, several, or none for all; negative from the end) as sorted non-negative axes. */
export function axesOf(axis: unknown, rank: number): number[] {
  const given = axis === undefined || axis === null ? Array.from({ length: rank }, (_, i) => i) : [axis].flat();
  return [...new Set((given as number[]).map((a) => (a < 0 ? a + rank : a)))].sort((a, b) => a - b);
}

/** A single axis attribute, non-negative. */
export function axisOf(axis: unknown, rank: number): number {
  return (axis as number) < 0 ? (axis as number) + rank : (axis as number);
}
