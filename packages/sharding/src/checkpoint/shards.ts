import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type HostTensor, type nn, openSafetensors, saveSafetensors } from "@vitscale/core";
import { joinShards, shardTensor } from "../layout/shard.ts";
import { createMesh, type Mesh, type MeshAxes } from "../mesh.ts";

/** Tensors by path. */
export type Tensors = ReadonlyMap<string, HostTensor>;

/** How each of them is spread, by path. */
export type Specs = ReadonlyMap<string, nn.PartitionSpec>;

const number = (rank: number) => String(rank).padStart(5, "0");
const fileName = (rank: number, size: number) => `shard-${number(rank)}-of-${number(size)}.safetensors`;

/** The lowest of the ranks that have the same part as a rank: the one that writes it. */
function ownerOf(spec: nn.PartitionSpec, mesh: Mesh, rank: number): number {
  const at = mesh.coordinatesOf(rank);
  const shared = Object.keys(mesh.axes).filter((axis) => !spec.axes.includes(axis));
  return mesh.rankOf({ ...at, ...Object.fromEntries(shared.map((axis) => [axis, 0])) });
}

/**
 * Writes this rank's share of a state: the parts that no lower rank has too. All ranks together write each element once. A file
 * appears as a whole or not at all; the state is complete when every rank has returned.
 *
 * @returns the path of the file
 */
export async function saveShards(
  folder: string,
  tensors: Tensors,
  specs: Specs,
  { mesh, rank }: { readonly mesh: Mesh; readonly rank: number },
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const own = [...tensors].filter(([path]) => ownerOf(specOf(specs, path), mesh, rank) === rank);
  const path = join(folder, fileName(rank, mesh.size));
  const metadata = { mesh: JSON.stringify(mesh.axes), specs: JSON.stringify([...specs]) };
  await saveSafetensors(path, new Map(own), { metadata });
  return path;
}

/**
 * Reads a rank's parts of a state that was written on any mesh, tensor by tensor.
 *
 * @param specs how each tensor is spread on the mesh that reads
 * @throws Error when a rank's file is missing, RangeError when a tensor is missing or has another shape.
 */
export async function loadShards(
  folder: string,
  specs: Specs,
  { mesh, rank }: { readonly mesh: Mesh; readonly rank: number },
): Promise<Map<string, HostTensor>> {
  const files = await openShards(folder);
  try {
    const [first] = files as [Shard];
    const written = createMesh(JSON.parse(first.metadata.mesh ?? "{}") as MeshAxes);
    const spread = new Map(JSON.parse(first.metadata.specs ?? "[]") as [string, nn.PartitionSpec][]);
    const own = new Map<string, HostTensor>();
    for (const [path, spec] of specs) {
      const before = spread.get(path);
      if (!before || `${before.shape}` !== `${spec.shape}`) {
        const found = before ? `has shape [${before.shape}] there` : "is not there";
        throw new RangeError(`the state in ${folder} does not fit: ${path} of shape [${spec.shape}] ${found}`);
      }
      const parts: HostTensor[] = [];
      for (let writer = 0; writer < written.size; writer++) {
        const owner = ownerOf(before, written, writer);
        parts.push(owner < writer ? (parts[owner] as HostTensor) : await (files[writer] as Shard).read(path));
      }
      own.set(path, shardTensor(joinShards(parts, before, written), spec, mesh, rank));
    }
    return own;
  } finally {
    for (const file of files) await file.close();
  }
}

type Shard = Awaited<ReturnType<typeof openSafetensors>>;

/** The files of all ranks that wrote, in order. */
async function openShards(folder: string): Promise<Shard[]> {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^shard-\d+-of-\d+\.safetensors$/.test(name))
    : [];
  const sizes = new Set(names.map((name) => Number(/of-(\d+)/.exec(name)?.[1])));
  const [size] = sizes;
  if (size === undefined) throw new Error(`there is no sharded state in ${folder}`);
  if (sizes.size > 1) {
    throw new Error(`${folder} has states of ${[...sizes].join(" and of ")} ranks; keep each in a folder of its own`);
  }
  const files: Shard[] = [];
  try {
    for (let rank = 0; rank < size; rank++) {
      const name = fileName(rank, size);
      if (!names.includes(name)) {
        throw new Error(`the state in ${folder} is incomplete: ${name} is missing, which rank ${rank} did not write`);
      }
      files.push(await openSafetensors(join(folder, name)));
    }
    return files;
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
}

function specOf(specs: Specs, path: string): nn.PartitionSpec {
  const spec = specs.get(path);
  if (!spec) throw new RangeError(`no specification says how ${path} is spread over ranks`);
  return spec;
}
