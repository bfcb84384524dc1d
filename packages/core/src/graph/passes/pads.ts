import type { Emitter } from "../emit.ts";
import { type Node, splatValue } from "../graph.ts";
import { sameShape } from "../shapes.ts";
import type { Rule, Rules } from "./rules.ts";

/** What a tensor that is zero elsewhere holds from `start` to `end` along an axis. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly value: Node;
}

/** A tensor as parts along one axis with zeros between them: a pad by zeros or a concatenation with parts of zeros. */
function partsAlong(x: Node, axis: number): readonly Part[] | undefined {
  const length = (node: Node) => node.shape[axis] as number;
  if (x.operation === "pad") {
    const { before, after, value } = x.attributes;
    const isElsewhere = [before, after].some((pads) => pads.some((size, i) => i !== axis && size > 0));
    if (value !== 0 || isElsewhere) return undefined;
    const [inner] = x.inputs as [Node];
    const start = before[axis] as number;
    return [{ start, end: start + length(inner), value: inner }];
  }
  if (x.operation !== "concat" || x.attributes.axis !== axis) return undefined;
  const parts: Part[] = [];
  let start = 0;
  for (const value of x.inputs) {
    const end = start + length(value);
    if (splatValue(value) !== 0) parts.push({ start, end, value });
    start = end;
  }
  return parts;
}

/** The axis along which a tensor is made of parts. */
function axisOfParts(x: Node): number | undefined {
  if (x.operation === "concat") return x.attributes.axis;
  if (x.operation !== "pad") return undefined;
  const { before, after } = x.attributes;
  const padded = before.flatMap((size, axis) => (size > 0 || (after[axis] as number) > 0 ? [axis] : []));
  return padded.length === 1 ? padded[0] : undefined;
}

/** Parts one after the other, with zeros in the gaps. */
function concatParts(parts: readonly Part[], { shape, dtype }: Node, axis: number, emit: Emitter): Node {
  const zeros = (length: number) =>
    length === 0
      ? []
      : [
          emit.full(
            0,
            dtype,
            shape.map((size, i) => (i === axis ? length : size)),
          ),
        ];
  let reached = 0;
  const pieces = parts.flatMap(({ start, end, value }) => {
    const gap = zeros(start - reached);
    reached = end;
    return [...gap, value];
  });
  return emit.concat([...pieces, ...zeros((shape[axis] as number) - reached)], axis);
}

const addParts: Rule<"add"> = (node, emit) => {
  const [a, b] = node.inputs as [Node, Node];
  const axis = axisOfParts(a) ?? axisOfParts(b);
  if (axis === undefined || !sameShape(a.shape, b.shape)) return undefined;
  const [left, right] = [partsAlong(a, axis), partsAlong(b, axis)];
  // A concatenation without zeros has no room for another part.
  if (!left || !right) return undefined;
  const parts = [...left, ...right].sort((p, q) => p.start - q.start);
  const isDisjoint = parts.every(({ start }, i) => i === 0 || start >= (parts[i - 1] as Part).end);
  return isDisjoint ? concatParts(parts, node, axis, emit) : undefined;
};

/**
 * A sum of tensors that are zero where the others are not is a concatenation: the gradients of the parts of a split,
 * each padded to full size, become one tensor in one movement. Only the sign of a zero may change.
 */
export const padRules: Rules = { add: [addParts] };
