import { type nn, sizeOf, treeMap } from "@vitscale/core";
import type { Mesh } from "../mesh.ts";
import { isPartitionSpec, localShape } from "./shard.ts";

/** Options of {@link storeOver}. */
export interface StoreOptions {
  /** The mesh axis over which parameters are stored; `data` by default. */
  readonly axis?: string;
  /** Smaller ones (in elements on one rank) stay whole: gathering them costs more than keeping them. 16,384 by default. */
  readonly leastElements?: number;
}

/**
 * Cuts large parameters over the data axis too, so that each rank stores a piece of them, of their gradients and of the
 * optimizer's state: along the longest axis that is whole yet and can be shared equally. Others stay as they are.
 */
export function storeOver<Specs>(
  specs: Specs,
  mesh: Mesh,
  { axis = "data", leastElements = 16_384 }: StoreOptions = {},
): Specs {
  const ranks = mesh.axes[axis];
  if (ranks === undefined) {
    throw new RangeError(
      `the mesh has no axis "${axis}" to store over; its axes are ${Object.keys(mesh.axes).join(", ")}`,
    );
  }
  const cut = (spec: nn.PartitionSpec): nn.PartitionSpec => {
    if (ranks === 1 || sizeOf(localShape(spec, mesh)) < leastElements) return spec;
    const candidates = spec.shape
      .map((length, i) => ({ length, i }))
      .filter(({ length, i }) => spec.axes[i] === null && length % ranks === 0)
      .sort((a, b) => b.length - a.length);
    const [longest] = candidates;
    return longest ? { ...spec, axes: spec.axes.with(longest.i, axis) } : spec;
  };
  return treeMap(cut, specs, isPartitionSpec) as Specs;
}
