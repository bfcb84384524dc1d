import type { Node } from "../graph/graph.ts";
import { stridesOf } from "../graph/shapes.ts";

/** A tensor read in place: element (i, j, …) of `shape` is element `offset + i·strides[0] + j·strides[1] + …` of `base`. */
export interface View {
  readonly base: Node;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** What must have been computed before it is read: the ordering inputs of barriers on the way. */
  readonly after: readonly Node[];
}

/** A tensor as it lies in memory. */
export function denseView(node: Node): View {
  return { base: node, shape: node.shape, strides: stridesOf(node.shape), offset: 0, after: [] };
}

/**
 * The view that a node is of some earlier value, through any chain of slices, transposes, broadcasts, barriers and reshapes that
 * need no copy; a node that is none of these is a dense view of itself.
 */
export function viewOf(node: Node): View {
  const input = node.inputs[0];
  if (!input) return denseView(node);
  switch (node.operation) {
    case "transpose": {
      const view = viewOf(input);
      const pick = (values: readonly number[]) => node.attributes.permutation.map((axis) => values[axis] as number);
      return { ...view, shape: node.shape, strides: pick(view.strides) };
    }
    case "slice": {
      const view = viewOf(input);
      const { begin, strides } = node.attributes;
      const offset = begin.reduce((sum, first, axis) => sum + first * (view.strides[axis] as number), view.offset);
      return {
        ...view,
        shape: node.shape,
        offset,
        strides: view.strides.map((s, axis) => s * (strides[axis] as number)),
      };
    }
    case "barrier": {
      const view = viewOf(input);
      return { ...view, after: [...view.after, ...node.inputs.slice(1)] };
    }
    case "broadcast":
      return broadcastView(viewOf(input), node.shape);
    case "reshape":
      return reshapeView(viewOf(input), node.shape) ?? denseView(node);
    default:
      return denseView(node);
  }
}

/** A view stretched to a shape that it broadcasts to: new and stretched axes do not move. */
export function broadcastView(view: View, shape: readonly number[]): View {
  const missing = shape.length - view.shape.length;
  const strides = shape.map((size, axis) => {
    const own = view.shape[axis - missing];
    return own === undefined || (own === 1 && size !== 1) ? 0 : (view.strides[axis - missing] as number);
  });
  return { ...view, shape, strides };
}

/**
 * A view under another shape of as many elements, or `undefined` where that needs a copy. Axes of both shapes are
 * matched in groups of equal size; within a group the old axes must lie as if they were one.
 */
export function reshapeView(view: View, shape: readonly number[]): View | undefined {
  const old = view.shape.flatMap((size, axis) => (size === 1 ? [] : [{ size, stride: view.strides[axis] as number }]));
  const strides = new Array<number>(shape.length).fill(0);
  let next = 0;
  for (let axis = 0; axis < shape.length; ) {
    if (shape[axis] === 1) {
      axis++;
      continue;
    }
    const group = [axis];
    let wanted = shape[axis++] as number;
    let run = old[next++];
    if (!run) return undefined;
    while (run.size !== wanted) {
      if (run.size < wanted) {
        const following = old[next++];
        if (!following || run.stride !== following.stride * following.size) return undefined;
        run = { size: run.size * following.size, stride: following.stride };
      } else {
        if (axis >= shape.length) return undefined;
        group.push(axis);
        wanted *= shape[axis++] as number;
      }
    }
    let stride = run.stride;
    for (const member of group.reverse()) {
      strides[member] = stride;
      stride *= shape[member] as number;
    }
  }
  return { ...view, shape, strides };
}
