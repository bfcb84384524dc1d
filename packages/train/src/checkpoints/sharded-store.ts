import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { HostTensor, nn } from "@vitscale/core";
import {
  type Communicator,
  gatherValues,
  loadShards,
  reportToFirst,
  saveShards,
  shardTensor,
} from "@vitscale/sharding";
import { createBackground } from "./background.ts";
import { type Checkpoint, type CheckpointFacts, openCheckpoint, writeCheckpoint } from "./file.ts";
import {
  checkpointFiles,
  checkpointName,
  removeAfter,
  removeLeftovers,
  removeShards,
  shardFolderName,
} from "./files.ts";
import type { KeepPolicy } from "./policy.ts";
import { checksumOfFile, type ShardIndex } from "./shards.ts";
import { type CheckpointStore, copyOf, prune, type WriteCompanions } from "./store.ts";

/** The ranks that write checkpoints together. */
export interface ShardedStoreOptions {
  readonly communicator: Communicator;
  /** How each tensor of the state is spread, by path. */
  readonly specs: ReadonlyMap<string, nn.PartitionSpec>;
}

/** The file that a rank has written. */
type WrittenFile = ShardIndex["files"][number];

/** What a rank reports: its file, or what went wrong. */
type Written = WrittenFile | { readonly problem: string };

/**
 * Checkpoints that the ranks of a mesh write and read together. Every rank writes the elements that are its own into a file of the
 * checkpoint's folder of shards; when all have, the first rank writes the checkpoint's file, which names them. So there is a complete
 * checkpoint or none, and what was written on one mesh, or by one process, is read on any other.
 *
 * Ranks call every function together. Files are written while training goes on, and reported beside its messages; the rank that could not
 * write learns that itself, and the first rank of every other.
 */
export function openShardedCheckpoints(
  folder: string,
  policy: KeepPolicy,
  { before, after }: WriteCompanions,
  { communicator, specs }: ShardedStoreOptions,
): CheckpointStore {
  const { rank, mesh } = communicator;
  const isFirst = rank === 0;
  const background = createBackground();
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

  /** Writes this rank's file. */
  const writePart = async (name: string, tensors: ReadonlyMap<string, HostTensor>): Promise<Written> => {
    try {
      const path = await saveShards(join(folder, name), tensors, specs, communicator);
      return { name: basename(path), checksum: await checksumOfFile(path) };
    } catch (error) {
      return { problem: (error as Error).message };
    }
  };

  /** Writes this rank's file and reports it; the first rank completes the checkpoint when all have. */
  const write = async (name: string, tensors: ReadonlyMap<string, HostTensor>, facts: CheckpointFacts) => {
    const own = await writePart(name, tensors);
    const reports = await reportToFirst(communicator, `files of step ${facts.step}`, own);
    if (reports) await complete(name, reports.map(fileOf), facts);
    else fileOf(own, rank);
  };

  /** @throws Error where there is a problem instead of a file. */
  const fileOf = (written: Written, writer: number): WrittenFile => {
    if ("name" in written) return written;
    throw new Error(`checkpoint in ${folder} could not be written by rank ${writer}: ${written.problem}`);
  };

  const complete = async (name: string, files: readonly WrittenFile[], facts: CheckpointFacts) => {
    const { step } = facts;
    const shapes = Object.fromEntries([...specs].map(([path, { shape }]) => [path, shape]));
    const index = { ...facts, shards: { folder: name, files, shapes } };
    await before?.();
    await writeCheckpoint(join(folder, checkpointName(step)), new Map(), index);
    removeShards(folder, step, name);
    prune(folder, policy, facts);
    await after?.(facts);
  };

  return {
    settle: background.settle,
    check: background.check,
    async save(state, facts, check = async () => {}) {
      await background.room();
      // A folder of its own: the step may have one already, of another mesh, which stays valid until this one is complete.
      const mark = randomBytes(4).toString("hex");
      const name = await ask(`shards of step ${facts.step}`, shardFolderName(facts.step, mark));
      const [, tensors] = await Promise.all([check(), copyOf(state)]);
      background.begin(() => write(name, tensors, facts));
    },
    async latest(note, upTo) {
      await background.settle();
      if (isFirst) {
        removeLeftovers(folder);
        removeAfter(folder, upTo);
      }
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
