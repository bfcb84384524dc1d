import type { TensorType } from "./graph.ts";
import { range } from "./shapes.ts";

/**
 * Operations in which every rank of a group takes part. A rank's program holds its own part of each: all ranks run the
 * same collectives, on shapes that fit together, and a rank's operand and result are its own.
 */
export const collectiveOperations = [
  "allGather", "reduceScatter", "allReduce", "collectivePermute", "collectiveBroadcast", "collectiveReduce", "allToAll",
] as const; // biome-ignore format: a table

export type CollectiveOperation = (typeof collectiveOperations)[number];

/** Who takes part in a collective. */
export interface GroupAttributes {
  /** The mesh axis along which the ranks of the group differ. */
  readonly over: string;
  /** The ranks of the group in the order of that axis. */
  readonly ranks: readonly number[];
  /** This rank's place among them. */
  readonly position: number;
  /** Tells the collectives of a program apart on the wire; the same on all ranks, and unique when a program is recorded. */
  readonly channel: number;
}

/** How values of ranks become one. */
const reductions = ["sum", "max"] as const;

export type RankReduction = (typeof reductions)[number];

/** Attributes of the collectives; in what they do, ranks are named by their position in the group. */
export interface CollectiveAttributes {
  /** The operands of all ranks, side by side along an axis. */
  allGather: GroupAttributes & { readonly axis: number };
  /** The sum of all operands, of which each rank keeps its own part along an axis. */
  reduceScatter: GroupAttributes & { readonly axis: number };
  /** The sum or the elementwise maximum of all operands. */
  allReduce: GroupAttributes & { readonly reduction: RankReduction };
  /** Each `[source, target]` hands the operand of one rank to another; zeros for a rank that is no target. */
  collectivePermute: GroupAttributes & { readonly pairs: readonly (readonly [source: number, target: number])[] };
  /** The operand of one rank. */
  collectiveBroadcast: GroupAttributes & { readonly root: number };
  /** The sum of all operands on one rank, zeros on the others. */
  collectiveReduce: GroupAttributes & { readonly root: number };
  /** Part j along axis `split` goes to rank j; what comes from all ranks is joined along axis `concat`. */
  allToAll: GroupAttributes & { readonly split: number; readonly concat: number };
}

const names: ReadonlySet<string> = new Set(collectiveOperations);

/** Whether an operation needs other ranks. */
export function isCollective(operation: string): operation is CollectiveOperation {
  return names.has(operation);
}

type Collective = {
  [O in CollectiveOperation]: { readonly operation: O; readonly attributes: CollectiveAttributes[O] };
}[CollectiveOperation];

/** The type of a collective's result; `reject` throws with the rule that was broken. */
export function inferCollective(
  { operation, attributes }: Collective,
  x: TensorType,
  reject: (rule: string) => never,
): TensorType {
  const { ranks, position, over } = attributes;
  const count = ranks.length;
  if (new Set(ranks).size !== count || position < 0 || position >= count) {
    reject(`position ${position} is none of the group [${ranks}] of distinct ranks`);
  }
  const axisOf = (axis: number) => {
    if (!Number.isInteger(axis) || axis < 0 || axis >= x.shape.length) {
      reject(`axis ${axis} is not one of its ${x.shape.length} axes`);
    }
    return x.shape[axis] as number;
  };
  const checkPosition = (rank: number) => {
    if (!Number.isInteger(rank) || rank < 0 || rank >= count)
      reject(`there is no position ${rank} in a group of ${count}`);
  };
  const checkArithmetic = () => {
    if (x.dtype !== "float32" && x.dtype !== "int32")
      reject(`${x.dtype} is not reduced over ranks; cast it to float32 or int32`);
  };
  const part = (axis: number) => {
    const size = axisOf(axis);
    if (size % count !== 0) {
      reject(
        `axis ${axis} has ${size} elements, of which ${count} ranks along "${over}" cannot have equally many; ` +
          `pad it to ${Math.ceil(size / count) * count}`,
      );
    }
    return size / count;
  };
  const resized = (axis: number, size: number): TensorType => ({ dtype: x.dtype, shape: x.shape.with(axis, size) });

  switch (operation) {
    case "allGather":
      return resized(attributes.axis, axisOf(attributes.axis) * count);
    case "reduceScatter":
      checkArithmetic();
      return resized(attributes.axis, part(attributes.axis));
    case "allReduce":
      checkArithmetic();
      if (!reductions.includes(attributes.reduction)) {
        reject(`"${attributes.reduction}" is no reduction; there are ${reductions.join(" and ")}`);
      }
      return x;
    case "collectivePermute": {
      const [sources, targets] = [0, 1].map((end) => attributes.pairs.map((pair) => pair[end as 0 | 1]));
      for (const rank of [...(sources ?? []), ...(targets ?? [])]) checkPosition(rank);
      if (new Set(sources).size !== attributes.pairs.length || new Set(targets).size !== attributes.pairs.length) {
        reject("a rank may send to one rank and receive from one rank");
      }
      return x;
    }
    case "collectiveReduce":
      checkArithmetic();
      checkPosition(attributes.root);
      return x;
    case "collectiveBroadcast":
      checkPosition(attributes.root);
      return x;
    case "allToAll": {
      const { split, concat } = attributes;
      const [share, whole] = [part(split), axisOf(concat) * count];
      return split === concat ? x : { dtype: x.dtype, shape: x.shape.with(split, share).with(concat, whole) };
    }
    default:
      return operation satisfies never;
  }
}

/** `[source, target]` of a ring in which each position hands on to the one `by` further. */
export function ringPairs(count: number, by: number): [source: number, target: number][] {
  return range(count).map((position) => [position, (((position + by) % count) + count) % count]);
}
