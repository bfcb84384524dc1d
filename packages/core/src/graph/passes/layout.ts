import { hostTensor } from "../../host-tensor.ts";
import type { Emitter } from "../emit.ts";
import type { Node } from "../graph.ts";
import { range, sameShape } from "../shapes.ts";
import { mergeRules, type Rule, type Rules } from "./rules.ts";

const isIdentity = (permutation: readonly number[]) => permutation.every((axis, i) => axis === i);

const reshape: Rule<"reshape"> = ({ inputs: [x], shape }, emit) => {
  if (!x || sameShape(x.shape, shape)) return x;
  if (x.operation === "reshape") return emit.reshape(x.inputs[0] as Node, shape);
  if (x.operation !== "constant") return undefined;
  const { dtype, data } = x.attributes.value;
  return emit.constant(hostTensor(dtype, shape, data));
};

const transpose: Rule<"transpose"> = ({ inputs: [x], attributes: { permutation }, shape }, emit) => {
  if (!x || isIdentity(permutation)) return x;
  if (x.operation === "transpose") {
    const first = x.attributes.permutation;
    return emit.transpose(
      x.inputs[0] as Node,
      permutation.map((axis) => first[axis] as number),
    );
  }
  // Axes of size 1 may stand anywhere: if only they move, no element does.
  const moving = permutation.filter((axis) => x.shape[axis] !== 1);
  return moving.every((axis, i) => i === 0 || axis > (moving[i - 1] as number)) ? emit.reshape(x, shape) : undefined;
};

const broadcast: Rule<"broadcast"> = ({ inputs: [x], shape }, emit) => {
  if (!x || sameShape(x.shape, shape)) return x;
  return x.operation === "broadcast" ? emit.broadcast(x.inputs[0] as Node, shape) : undefined;
};

type Slice = Node<"slice">;

/** A slice of a concatenation: of one part, or of a concatenation of the parts that it touches. */
function sliceOfConcat(
  { attributes: { begin, size, strides } }: Slice,
  x: Node<"concat">,
  emit: Emitter,
): Node | undefined {
  const { axis } = x.attributes;
  const [first, count] = [begin[axis] as number, size[axis] as number];
  if (strides[axis] !== 1) return undefined;
  const touched: Node[] = [];
  let start = 0;
  let offset = 0;
  for (const part of x.inputs) {
    const end = start + (part.shape[axis] as number);
    if (start < first + count && end > first) touched.push(part);
    if (end <= first) offset = end;
    start = end;
  }
  if (touched.length === x.inputs.length) return undefined;
  const at = begin.map((b, i) => (i === axis ? b - offset : b));
  return emit.slice(emit.concat(touched, axis), at, size, strides);
}

/** A slice of a padded tensor that lies inside the padding. */
function sliceOfPad({ attributes: { begin, size, strides } }: Slice, x: Node<"pad">, emit: Emitter): Node | undefined {
  const [inner] = x.inputs as [Node];
  const at = begin.map((b, i) => b - (x.attributes.before[i] as number));
  const isInside = at.every((b, i) => {
    const last = b + ((size[i] as number) - 1) * (strides[i] as number);
    return Math.min(b, last) >= 0 && Math.max(b, last) < (inner.shape[i] as number);
  });
  return isInside ? emit.slice(inner, at, size, strides) : undefined;
}

/** A slice of a stretched tensor is the stretched slice: axes that were stretched keep their one element. */
function sliceOfBroadcast({ shape, attributes: { begin, strides } }: Slice, x: Node<"broadcast">, emit: Emitter): Node {
  const [inner] = x.inputs as [Node];
  const missing = x.shape.length - inner.shape.length;
  const own = <T>(values: readonly T[], stretched: T) =>
    inner.shape.map((size, i) => (size === 1 ? stretched : (values[i + missing] as T)));
  return emit.broadcast(emit.slice(inner, own(begin, 0), own(shape, 1), own(strides, 1)), shape);
}

const slice: Rule<"slice"> = (node, emit) => {
  const { begin, size, strides } = node.attributes;
  const x = node.inputs[0] as Node;
  if (sameShape(size, x.shape) && strides.every((stride, i) => stride === 1 || size[i] === 1)) return x;
  switch (x.operation) {
    case "slice": {
      const inner = x.attributes;
      return emit.slice(
        x.inputs[0] as Node,
        begin.map((b, i) => (inner.begin[i] as number) + b * (inner.strides[i] as number)),
        size,
        strides.map((stride, i) => stride * (inner.strides[i] as number)),
      );
    }
    case "concat":
      return sliceOfConcat(node, x, emit);
    case "pad":
      return sliceOfPad(node, x, emit);
    case "broadcast":
      return sliceOfBroadcast(node, x, emit);
    default:
      return undefined;
  }
};

/** Two neighbours in a concatenation as one part: slices that follow each other in one tensor, or equal splats. */
function joined(a: Node, b: Node, axis: number, emit: Emitter): Node | undefined {
  const total = a.shape.map((size, i) => (i === axis ? size + (b.shape[axis] as number) : size));
  if (a.operation === "full" && b.operation === "full") {
    const { value, dtype } = a.attributes;
    return Object.is(value, b.attributes.value) ? emit.full(value, dtype, total) : undefined;
  }
  if (a.operation !== "slice" || b.operation !== "slice" || a.inputs[0] !== b.inputs[0]) return undefined;
  const [first, second] = [a.attributes, b.attributes];
  const stride = first.strides[axis] as number;
  const follows = first.begin.map((begin, i) => (i === axis ? begin + (a.shape[axis] as number) * stride : begin));
  const isNext = sameShape(follows, second.begin) && sameShape(first.strides, second.strides);
  return isNext ? emit.slice(a.inputs[0] as Node, first.begin, total, first.strides) : undefined;
}

const concat: Rule<"concat"> = ({ inputs, attributes: { axis } }, emit) => {
  const flat = inputs.flatMap((part) =>
    part.operation === "concat" && part.attributes.axis === axis ? part.inputs : [part],
  );
  const parts: Node[] = [];
  for (const part of flat) {
    if (part.shape[axis] === 0) continue;
    const previous = parts.at(-1);
    const both = previous && joined(previous, part, axis, emit);
    if (both) parts[parts.length - 1] = both;
    else parts.push(part);
  }
  return parts.length < inputs.length || flat.length > inputs.length ? emit.concat(parts, axis) : undefined;
};

const pad: Rule<"pad"> = ({ inputs: [x], attributes: { before, after, value } }, emit) => {
  if (!x || [...before, ...after].every((size) => size === 0)) return x;
  if (x.operation !== "pad" || !Object.is(x.attributes.value, value)) return undefined;
  const sum = (outer: readonly number[], inner: readonly number[]) =>
    outer.map((size, i) => size + (inner[i] as number));
  return emit.pad(x.inputs[0] as Node, sum(before, x.attributes.before), sum(after, x.attributes.after), value);
};

const tile: Rule<"tile"> = ({ inputs: [x], shape }, emit) => {
  if (!x || sameShape(x.shape, shape)) return x;
  return x.shape.every((size, i) => size === 1 || size === shape[i]) ? emit.broadcast(x, shape) : undefined;
};

const reverse: Rule<"reverse"> = ({ inputs: [x], attributes: { axes } }, emit) => {
  const moving = axes.filter((axis) => x?.shape[axis] !== 1);
  if (!x || moving.length === 0) return x;
  if (x.operation === "reverse" && sameShape(x.attributes.axes, axes)) return x.inputs[0];
  return moving.length < axes.length ? emit.builder.add("reverse", [x], { axes: moving }) : undefined;
};

/** Evenly spaced constant indices pick a slice. */
const gather: Rule<"gather"> = ({ inputs: [x, indices], attributes: { axis }, shape }, emit) => {
  const picked =
    indices?.operation === "constant"
      ? [...indices.attributes.value.data]
      : indices?.operation === "full" && indices.shape.every((size) => size === 1)
        ? [indices.attributes.value]
        : undefined;
  if (!x || !picked || picked.length === 0) return undefined;
  const [first, second] = picked as [number, number | undefined];
  const step = second === undefined ? 1 : second - first;
  const isEven = step !== 0 && picked.every((index, i) => index === first + i * step);
  if (!isEven || picked.some((index) => index < 0 || index >= (x.shape[axis] as number))) return undefined;
  const along = (here: number, elsewhere: (i: number) => number) =>
    range(x.shape.length).map((i) => (i === axis ? here : elsewhere(i)));
  const sizes = along(picked.length, (i) => x.shape[i] as number);
  return emit.reshape(
    emit.slice(
      x,
      along(first, () => 0),
      sizes,
      along(step, () => 1),
    ),
    shape,
  );
};

/**
 * Movements that cancel, join, or move nothing: reshapes and transposes of their kind, transposes of axes of size 1,
 * slices of slices, of concatenations, of pads, concatenations of neighbouring slices, gathers that are slices. No
 * number changes.
 */
export const layoutRules: Rules = mergeRules(
  { reshape: [reshape], transpose: [transpose], broadcast: [broadcast], slice: [slice], concat: [concat], pad: [pad] },
  { tile: [tile], reverse: [reverse], gather: [gather] },
);
