import { type HostTensor, hostTensor, newData, type nn, sizeOf, treeEntries } from "@vitscale/core";
import type { Coordinates, Mesh, MeshAxes } from "../mesh.ts";

/** A stretch of an axis that a rank has. */
export interface Stretch {
  readonly begin: number;
  readonly length: number;
}

/** The stretches of one axis that are a rank's, one for each part that lies along it. */
function stretchesOf(spec: nn.PartitionSpec, axis: number, mesh: Mesh, at: Coordinates<MeshAxes>): Stretch[] {
  const length = spec.shape[axis] as number;
  const over = spec.axes[axis];
  if (over === null || over === undefined) return [{ begin: 0, length }];
  const ranks = mesh.axes[over];
  const place = at[over];
  if (ranks === undefined || place === undefined) {
    throw new RangeError(
      `a tensor [${spec.shape}] is cut over "${over}", which is no axis of the mesh; its axes are ${Object.keys(mesh.axes).join(", ")}`,
    );
  }
  let begin = 0;
  return (spec.parts?.[axis] ?? [length]).map((part) => {
    if (part % ranks !== 0) {
      throw new RangeError(
        `axis ${axis} of a tensor [${spec.shape}] has a part of ${part}, which ${ranks} ranks along "${over}" cannot share equally`,
      );
    }
    const share = part / ranks;
    const stretch = { begin: begin + place * share, length: share };
    begin += part;
    return stretch;
  });
}

const lengthOf = (stretches: readonly Stretch[]) => stretches.reduce((sum, { length }) => sum + length, 0);

/**
 * The shape of the part of a tensor that a rank has.
 *
 * @throws RangeError when the mesh lacks an axis, or cannot share one equally.
 */
export function localShape(spec: nn.PartitionSpec, mesh: Mesh, rank = 0): number[] {
  return holdingsOf(spec, mesh, rank).map(lengthOf);
}

/** What a rank has of a tensor: the stretches of each axis. */
export function holdingsOf(spec: nn.PartitionSpec, mesh: Mesh, rank: number): Stretch[][] {
  const at = mesh.coordinatesOf(rank);
  return spec.shape.map((_, axis) => stretchesOf(spec, axis, mesh, at));
}

/** Calls `visit` for every run of elements that are consecutive both in the whole tensor and in a rank's part. */
function visitRuns(
  spec: nn.PartitionSpec,
  mesh: Mesh,
  rank: number,
  visit: (whole: number, local: number, length: number) => void,
): void {
  const cutAxis = spec.axes.findLastIndex((axis) => axis !== null);
  const inner = sizeOf(spec.shape.slice(cutAxis + 1));
  const stretches = holdingsOf(spec, mesh, rank);
  let local = 0;
  const walk = (axis: number, whole: number): void => {
    if (axis > cutAxis) {
      visit(whole * inner, local, inner);
      local += inner;
      return;
    }
    const size = spec.shape[axis] as number;
    for (const { begin, length } of stretches[axis] as Stretch[]) {
      if (axis === cutAxis) {
        visit((whole * size + begin) * inner, local, length * inner);
        local += length * inner;
      } else for (let i = 0; i < length; i++) walk(axis + 1, whole * size + begin + i);
    }
  };
  walk(0, 0);
}

/** A rank's part of a whole tensor. @throws RangeError when the tensor or the mesh do not fit the specification. */
export function shardTensor(tensor: HostTensor, spec: nn.PartitionSpec, mesh: Mesh, rank: number): HostTensor {
  if (`${tensor.shape}` !== `${spec.shape}`) {
    throw new RangeError(`a tensor [${tensor.shape}] was given where the specification is for [${spec.shape}]`);
  }
  const shape = localShape(spec, mesh, rank);
  const data = newData(tensor.dtype, sizeOf(shape));
  visitRuns(spec, mesh, rank, (whole, local, length) => {
    data.set(tensor.data.subarray(whole, whole + length), local);
  });
  return hostTensor(tensor.dtype, shape, data);
}

/** The whole tensor out of the parts of all ranks, in order; of copies, that of the highest rank counts. */
export function joinShards(parts: readonly HostTensor[], spec: nn.PartitionSpec, mesh: Mesh): HostTensor {
  const [first] = parts;
  if (!first || parts.length !== mesh.size) {
    throw new RangeError(`${parts.length} parts were given of a tensor on ${mesh.size} ranks`);
  }
  const data = newData(first.dtype, sizeOf(spec.shape));
  for (const [rank, part] of parts.entries()) {
    visitRuns(spec, mesh, rank, (whole, local, length) => {
      data.set(part.data.subarray(local, local + length), whole);
    });
  }
  return hostTensor(first.dtype, spec.shape, data);
}

/** Mesh axes over which a tensor is cut. */
export function cutOver(spec: nn.PartitionSpec): string[] {
  return [...new Set(spec.axes.filter((axis) => axis !== null))];
}

/**
 * The specifications of the tensors of a tree, in their order.
 *
 * @throws RangeError naming a tensor that has none.
 */
export function specsAlong(tree: unknown, specs: unknown): nn.PartitionSpec[] {
  const byPath = new Map(treeEntries<nn.PartitionSpec>(specs, isPartitionSpec));
  return treeEntries(tree).map(([path]) => {
    const spec = byPath.get(path);
    if (!spec) throw new RangeError(`no specification says how ${path} is spread over ranks`);
    return spec;
  });
}

/** Whether a value is a specification, for trees of them. */
export function isPartitionSpec(value: unknown): value is nn.PartitionSpec {
  return typeof value === "object" && value !== null && "axes" in value && "shape" in value;
}
