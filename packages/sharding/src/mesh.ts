/** Sizes of the named axes of a mesh, outermost first: `{ data: 4, model: 2 }`. */
export type MeshAxes = { readonly [axis: string]: number };

/** Where a rank stands on each axis. */
export type Coordinates<Axes extends MeshAxes> = { readonly [axis in keyof Axes]: number };

/**
 * A logical grid of ranks with named axes. Ranks are numbered row-major: along the last axis they are consecutive, so
 * that neighbours on it (the model axis, by convention) are the ranks that a launcher puts closest together.
 */
export interface Mesh<Axes extends MeshAxes = MeshAxes> {
  readonly axes: Axes;
  /** Number of ranks: the product of the axes. */
  readonly size: number;
  /** @throws RangeError when there is no such rank. */
  coordinatesOf(rank: number): Coordinates<Axes>;
  /** @throws RangeError when a coordinate is missing or outside of its axis. */
  rankOf(coordinates: Coordinates<Axes>): number;
  /** The ranks that differ from `rank` along one axis only, itself included, in the order of that axis. */
  group(rank: number, axis: keyof Axes & string): number[];
}

/**
 * A mesh of the given axes.
 *
 * @throws RangeError when an axis is not a whole number of ranks, at least 1.
 */
export function createMesh<const Axes extends MeshAxes>(axes: Axes): Mesh<Axes> {
  const names = Object.keys(axes) as (keyof Axes & string)[];
  if (names.length === 0) throw new RangeError("a mesh needs at least one axis, such as { data: 1 }");
  for (const name of names) {
    if (!Number.isInteger(axes[name]) || (axes[name] as number) < 1) {
      throw new RangeError(`mesh axis "${name}" has ${axes[name]} ranks; it must be a whole number, at least 1`);
    }
  }
  const sizes = names.map((name) => axes[name] as number);
  const size = sizes.reduce((product, axis) => product * axis, 1);
  // Ranks to step for one step along each axis.
  const strides = sizes.map((_, i) => sizes.slice(i + 1).reduce((product, axis) => product * axis, 1));

  const coordinatesOf = (rank: number): Coordinates<Axes> => {
    if (!Number.isInteger(rank) || rank < 0 || rank >= size) {
      throw new RangeError(`rank ${rank} is not in a mesh of ${size}; ranks go from 0 to ${size - 1}`);
    }
    const digits = names.map((name, i) => [name, Math.floor(rank / (strides[i] as number)) % (sizes[i] as number)]);
    return Object.fromEntries(digits) as Coordinates<Axes>;
  };

  const rankOf = (coordinates: Coordinates<Axes>): number =>
    names.reduce((rank, name, i) => {
      const at = coordinates[name];
      if (!Number.isInteger(at) || at < 0 || at >= (sizes[i] as number)) {
        throw new RangeError(
          `coordinate ${at} on mesh axis "${name}" is not between 0 and ${(sizes[i] as number) - 1}`,
        );
      }
      return rank + at * (strides[i] as number);
    }, 0);

  const group = (rank: number, axis: keyof Axes & string): number[] => {
    const at = names.indexOf(axis);
    if (at < 0) throw new RangeError(`the mesh has no axis "${axis}"; its axes are ${names.join(", ")}`);
    const coordinates = coordinatesOf(rank);
    return Array.from({ length: sizes[at] as number }, (_, i) => rankOf({ ...coordinates, [axis]: i }));
  };

  return { axes, size, coordinatesOf, rankOf, group };
}
