import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type DeviceTensor,
  didYouMean,
  type HostTensor,
  isDeviceTensor,
  isHostTensor,
  openSafetensors,
  saveSafetensors,
  treeEntries,
  treeMap,
} from "@vitscale/core";
import type { WindowValues } from "./metric-window.ts";

/** What a checkpoint holds beside tensors. Order of the data, augmentation and mixing follow from seed and step. */
export interface CheckpointFacts {
  /** Steps that are finished. */
  readonly step: number;
  readonly seed: number;
  /** The configuration, so that the file alone suffices to rebuild the model. */
  readonly config: unknown;
  /** Metrics of the steps since the last row. */
  readonly window: WindowValues;
}

/** A checkpoint in memory. */
export interface Checkpoint extends CheckpointFacts {
  readonly path: string;
  /** Tensors by path: `params/encoder/block00/mlp/in/kernel`, `optimizer/head/kernel/firstMoment`, … */
  readonly tensors: ReadonlyMap<string, HostTensor>;
}

/** Checkpoints of one run. */
export interface CheckpointStore {
  /**
   * Writes a checkpoint and deletes those that the policy does not keep. Whatever is killed at whatever moment, a file under the name
   * of a checkpoint is complete.
   *
   * @param state a tree of tensors
   */
  save(state: unknown, facts: CheckpointFacts): Promise<string>;
  /**
   * The newest checkpoint that is whole, or undefined where there is none at all. Damaged ones are named to `note` and skipped.
   *
   * @throws Error when there are checkpoints, but none can be read.
   */
  latest(note: (text: string) => void): Promise<Checkpoint | undefined>;
}

/** Rises when a field changes its meaning. */
const schema = 1;

/** The checkpoints in a folder, of which the newest `keep` stay. */
export function openCheckpoints(folder: string, { keep }: { readonly keep: number }): CheckpointStore {
  return {
    async save(state, facts) {
      mkdirSync(folder, { recursive: true });
      const path = join(folder, fileName(facts.step));
      await writeCheckpoint(path, await hostTensors(state), facts);
      for (const old of checkpointFiles(folder).slice(keep)) rmSync(old);
      return path;
    },

    async latest(note) {
      removeLeftovers(folder);
      const files = checkpointFiles(folder);
      for (const path of files) {
        try {
          return await readCheckpoint(path);
        } catch (error) {
          note(`${(error as Error).message}; trying the one before it`);
        }
      }
      if (files.length === 0) return undefined;
      throw new Error(
        `none of the ${files.length} checkpoints in ${folder} can be read; delete them to start from step 0`,
      );
    },
  };
}

/** Checkpoint files of a folder, newest first. */
export function checkpointFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^step-\d+\.safetensors$/.test(name));
  const stepOf = (name: string) => Number(name.replace(/\D/g, ""));
  return names.sort((a, b) => stepOf(b) - stepOf(a)).map((name) => join(folder, name));
}

/**
 * Reads a checkpoint and verifies its checksum.
 *
 * @throws Error naming the file and what is wrong with it.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  try {
    const file = await openSafetensors(path);
    try {
      const { checksum, facts = "{}", schema: version } = file.metadata;
      if (checksum === undefined) throw new Error("it has no checksum, so it is no checkpoint of vitscale");
      if (Number(version) !== schema) {
        throw new Error(`it has schema ${version}, and this version reads schema ${schema}; update vitscale`);
      }
      const tensors = new Map<string, HostTensor>();
      for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
      if (checksumOf(tensors, facts) !== checksum)
        throw new Error("it is damaged: its content does not match its checksum");
      return { path, tensors, ...(JSON.parse(facts) as CheckpointFacts) };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(`checkpoint ${path} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The tensors of a checkpoint in the structure of a state.
 *
 * @param template a tree with the tensors that the checkpoint must have, by name and shape
 * @throws RangeError listing what is missing, unknown, or of another shape.
 */
export function restore<State>({ tensors, path }: Checkpoint, template: State): State {
  const expected = new Map(treeEntries<HostTensor>(template, isTensor));
  const problems: string[] = [];
  for (const [name, { shape, dtype }] of expected) {
    const found = tensors.get(name);
    if (found === undefined) problems.push(`${name} is missing${didYouMean(name, tensors.keys())}`);
    else if (`${found.shape}` !== `${shape}` || found.dtype !== dtype) {
      problems.push(`${name} is ${found.dtype} [${found.shape}], but the model has ${dtype} [${shape}]`);
    }
  }
  for (const name of tensors.keys()) if (!expected.has(name)) problems.push(`${name} is not in the model`);
  if (problems.length > 0) {
    const shown = problems.slice(0, 8).join("\n  ");
    const more = problems.length > 8 ? `\n  and ${problems.length - 8} more` : "";
    throw new RangeError(`checkpoint ${path} does not fit the configuration:\n  ${shown}${more}`);
  }
  return treeMap((_: unknown, name) => tensors.get(name), template, isTensor) as State;
}

/** Deletes what a process that was killed while it wrote has left behind. */
function removeLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (name.endsWith(".partial")) rmSync(join(folder, name));
}

/** The file appears as a whole or not at all. */
async function writeCheckpoint(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  facts: CheckpointFacts,
): Promise<void> {
  const text = JSON.stringify(facts);
  const metadata = { schema: `${schema}`, checksum: checksumOf(tensors, text), facts: text };
  try {
    await saveSafetensors(path, tensors, { metadata });
  } catch (error) {
    throw new Error(`checkpoint ${path} could not be written: ${(error as Error).message}`, { cause: error });
  }
}

/** SHA-256 over facts, names, types, shapes and values: whatever changes in the file changes it. */
function checksumOf(tensors: ReadonlyMap<string, HostTensor>, facts: string): string {
  const hash = createHash("sha256").update(facts);
  for (const name of [...tensors.keys()].sort()) {
    const { dtype, shape, data } = tensors.get(name) as HostTensor;
    hash.update(`\n${name} ${dtype} [${shape}]\n`).update(data);
  }
  return `sha256:${hash.digest("hex")}`;
}

/** Copies of a state's tensors by path. */
async function hostTensors(state: unknown): Promise<Map<string, HostTensor>> {
  const tensors = new Map<string, HostTensor>();
  for (const [path, leaf] of treeEntries<HostTensor | DeviceTensor>(state, isTensor)) {
    tensors.set(path, isDeviceTensor(leaf) ? await leaf.host() : leaf);
  }
  return tensors;
}

function isTensor(value: unknown): boolean {
  return isHostTensor(value) || isDeviceTensor(value);
}

function fileName(step: number): string {
  return `step-${String(step).padStart(8, "0")}.safetensors`;
}
