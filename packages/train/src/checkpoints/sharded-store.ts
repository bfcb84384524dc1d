import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { HostTensor, nn } from "@vitscale/core";
import { type Communicator, gatherValues, loadShards, saveShards, shardTensor } from "@vitscale/sharding";
import { type Checkpoint, type CheckpointFacts, openCheckpoint, writeCheckpoint } from "./file.ts";
import { checkpointFiles, checkpointName, removeLeftovers, removeShards, shardFolderName } from "./files.ts";
import type { KeepPolicy } from "./policy.ts";
import { checksumOfFile } from "./shards.ts";
import { type CheckpointStore, copyOf, prune } from "./store.ts";

/** The ranks that write checkpoints together. */
export interface ShardedStoreOptions {
  readonly communicator: Communicator;
  /** How each tensor of the state is spread, by path. */
  readonly specs: ReadonlyMap<string, nn.PartitionSpec>;
}

/** What a rank says of its part: its file, or what went wrong. */
type Written = { readonly name: string; readonly checksum: string } | { readonly problem: string };

/**
 * Checkpoints that the ranks of a mesh write and read together. Every rank writes the elements that are its own into a file of the
 * checkpoint's folder of shards; when all have, the first rank writes the checkpoint's file, which names them. So there is a complete
 * checkpoint or none, and what was written on one mesh, or by one process, is read on any other.
 *
 * Ranks call every function together. Saving returns when the checkpoint is complete.
 */
export function openShardedCheckpoints(
  folder: string,
  policy: KeepPolicy,
  onWritten: (facts: CheckpointFacts) => void,
  { communicator, specs }: ShardedStoreOptions,
): CheckpointStore {
  const { rank, mesh } = communicator;
  const isFirst = rank === 0;
  const ask = async <Answer>(question: string, own: Answer): Promise<Answer> =>
    (await gatherValues(communicator, question, own))[0] as Answer;

  /** This rank's part of a checkpoint that is known to be whole. */
  const readPart = async (path: string, { shards, tensors }: Checkpoint): Promise<Map<string, HostTensor>> => {
    if (shards) return loadShards(join(dirname(path), shards.folder), specs, communicator);
    const part = [...tensors].map(([name, tensor]): [string, HostTensor] => {
      const spec = specs.get(name);
      return [name, spec ? shardTensor(tensor, spec, mesh, rank) : tensor];
    });
    return new Map(part);
  };

  return {
    async settle() {},
    check() {},
    async save(state, facts) {
      const { step } = facts;
      // A folder of its own: the step may have one already, of another mesh, which stays valid until this one is complete.
      const name = await ask(`shards of step ${step}`, shardFolderName(step, randomBytes(4).toString("hex")));
      const write = async (): Promise<Written> => {
        const path = await saveShards(join(folder, name), await copyOf(state), specs, communicator);
        return { name: basename(path), checksum: await checksumOfFile(path) };
      };
      const own = await write().catch((error: Error): Written => ({ problem: error.message }));
      const files = (await gatherValues(communicator, `files of step ${step}`, own)).map((written, writer) => {
        if ("name" in written) return written;
        throw new Error(`checkpoint ${join(folder, name)} could not be written by rank ${writer}: ${written.problem}`);
      });
      if (!isFirst) return;
      const shapes = Object.fromEntries([...specs].map(([path, { shape }]) => [path, shape]));
      const index = { ...facts, shards: { folder: name, files, shapes } };
      await writeCheckpoint(join(folder, checkpointName(step)), new Map(), index);
      removeShards(folder, step, name);
      prune(folder, policy, facts.best?.step);
      onWritten(facts);
    },
    async latest(note) {
      if (isFirst) removeLeftovers(folder);
      const paths = await ask("checkpoints", isFirst ? checkpointFiles(folder) : []);
      for (const path of paths) {
        let checkpoint: Checkpoint | undefined;
        let problem: string | null = null;
        try {
          checkpoint = await openCheckpoint(path, { index: rank, count: mesh.size });
        } catch (error) {
          problem = (error as Error).message;
        }
        const problems = await gatherValues(communicator, `state of ${basename(path)}`, problem);
        const found = problems.find((text) => text !== null);
        if (checkpoint && found === undefined) return { ...checkpoint, tensors: await readPart(path, checkpoint) };
        note(`${found}; trying the one before it`);
      }
      if (paths.length === 0) return undefined;
      throw new Error(
        `none of the ${paths.length} checkpoints in ${folder} can be read; delete them to start from step 0`,
      );
    },
  };
}
