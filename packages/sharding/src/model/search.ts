import { createMesh, type Mesh, type MeshAxes } from "../mesh.ts";

/** What has to be known of a mesh to compare it with others. */
export interface MeshForecast {
  /** Seconds of a step. */
  readonly seconds: number;
  /** Memory that each rank needs. */
  readonly bytes: number;
}

/** A mesh with its forecast. */
export interface MeshCandidate<Axis extends string, Forecast extends MeshForecast> {
  readonly mesh: Mesh<MeshAxes & Readonly<Record<Axis, number>>>;
  readonly forecast: Forecast;
  /** Whether a rank has the memory. */
  readonly fits: boolean;
}

/** Every mesh of a number of ranks. */
export interface MeshSearch<Axis extends string, Forecast extends MeshForecast> {
  /** The fastest that fits; undefined where none does. */
  readonly best: MeshCandidate<Axis, Forecast> | undefined;
  /** The fastest first, those that fit before those that do not. */
  readonly candidates: readonly MeshCandidate<Axis, Forecast>[];
  /** Meshes on which the model cannot be laid out, and why. */
  readonly refused: readonly { readonly axes: Readonly<Record<Axis, number>>; readonly reason: string }[];
}

/** What {@link searchMesh} searches. */
export interface MeshQuestion<Axis extends string, Forecast extends MeshForecast> {
  /** Ranks of every mesh. */
  readonly size: number;
  /** Names of the axes, such as data and model. */
  readonly axes: readonly Axis[];
  /** Bytes of memory that a rank has. */
  readonly memory: number;
  /** What a step is like on a mesh, as `forecastStep` predicts it. A RangeError says that the model does not fit the mesh. */
  readonly forecast: (mesh: Mesh<MeshAxes & Readonly<Record<Axis, number>>>) => Forecast;
}

/** All ways to share `size` ranks among named axes, in the order of the divisors: the last axis grows first. */
export function meshesOf<Axis extends string>(size: number, axes: readonly Axis[]): Record<Axis, number>[] {
  const [first, ...others] = axes;
  if (first === undefined) return size === 1 ? [{} as Record<Axis, number>] : [];
  const divisors = Array.from({ length: size }, (_, i) => size - i).filter((ranks) => size % ranks === 0);
  return divisors.flatMap((ranks) =>
    meshesOf(size / ranks, others).map((rest) => ({ [first]: ranks, ...rest }) as Record<Axis, number>),
  );
}

/** Compares all meshes of a number of ranks by what a step is predicted to take, before anything runs. */
export function searchMesh<Axis extends string, Forecast extends MeshForecast>({
  size,
  axes,
  memory,
  forecast,
}: MeshQuestion<Axis, Forecast>): MeshSearch<Axis, Forecast> {
  const candidates: MeshCandidate<Axis, Forecast>[] = [];
  const refused: { axes: Readonly<Record<Axis, number>>; reason: string }[] = [];
  for (const shape of meshesOf(size, axes)) {
    const mesh = createMesh(shape);
    try {
      const found = forecast(mesh);
      candidates.push({ mesh, forecast: found, fits: found.bytes <= memory });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused.push({ axes: shape, reason: error.message });
    }
  }
  candidates.sort((a, b) => Number(b.fits) - Number(a.fits) || a.forecast.seconds - b.forecast.seconds);
  const [first] = candidates;
  return { best: first?.fits ? first : undefined, candidates, refused };
}
