import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { HostTensor, nn } from "@vitscale/core";
import { createMesh, loadShards, type Mesh } from "@vitscale/sharding";

/** Where the tensors of a checkpoint are that several ranks wrote: its own file holds none. */
export interface ShardIndex {
  /** Name of a folder beside the checkpoint's file. */
  readonly folder: string;
  /** SHA-256 of every file in it, by rank. */
  readonly files: readonly { readonly name: string; readonly checksum: string }[];
  /** Shapes of the whole tensors, by path. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

/** Of a checkpoint's files of shards, those that ranks of this number modulo a count wrote. */
export interface ShardPart {
  readonly index: number;
  readonly count: number;
}

/** The SHA-256 of a file. */
export async function checksumOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return `sha256:${hash.digest("hex")}`;
}

/**
 * Makes sure that files of a checkpoint's shards are as they were written.
 *
 * @param part which of them; all unless given
 * @throws Error naming the file that is not.
 */
export async function verifyShards(
  checkpoint: string,
  { folder, files }: ShardIndex,
  part: ShardPart = { index: 0, count: 1 },
): Promise<void> {
  for (const [rank, { name, checksum }] of files.entries()) {
    if (rank % part.count !== part.index) continue;
    const path = join(dirname(checkpoint), folder, name);
    if ((await checksumOfFile(path)) !== checksum) {
      throw new Error(`its part ${path} is damaged: its content does not match its checksum`);
    }
  }
}

/** A rank that has everything. */
const alone = { mesh: createMesh({ data: 1 }) as Mesh, rank: 0 };

/** The tensors of a checkpoint's shards, whole. */
export function readWholeShards(checkpoint: string, index: ShardIndex): Promise<Map<string, HostTensor>> {
  const specs = Object.entries(index.shapes).map(([path, shape]): [string, nn.PartitionSpec] => [
    path,
    { shape, axes: shape.map(() => null) },
  ]);
  return loadShards(join(dirname(checkpoint), index.folder), new Map(specs), alone);
}
