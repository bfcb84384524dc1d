import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "@vitscale/train";
import type { Shared } from "../claim.ts";

/** What a finished claim leaves: the measurement with everything that is needed to judge it and to believe it. */
export interface StoredResult {
  readonly schema: 1;
  readonly claim: string;
  /** What the measurement was made with; see `identity.ts`. */
  readonly identity: string;
  readonly scale: string;
  readonly plan: unknown;
  readonly measurement: unknown;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly seconds: number;
  /** Mean number of processes that wanted a core in the last minute, before and after the measurement. */
  readonly load: { readonly before: number; readonly after: number };
  /** Folders of the run records that it left, below `runs/`: the curves behind the numbers. */
  readonly runs: readonly string[];
}

/**
 * Files of measurements in a folder: results `claims/PLACE.json`, cells of unfinished ones under `cells/PLACE/`, and `shared/`. A place is
 * that of one plan (see `identity.ts`).
 */
export interface Store {
  /** The result in a place, if it is of this identity. */
  result(place: string, identity: string): StoredResult | undefined;
  save(place: string, result: StoredResult): void;
  /** The value of a cell, measured now unless one of this identity is there. Values pass through JSON either way. */
  cell<T>(
    cell: { place: string; identity: string; name: string },
    measure: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly isNew: boolean }>;
  /**
   * What claims share, made now unless a folder of this identity is there. A folder appears as a whole: one whose making was
   * interrupted is made again.
   *
   * @param make fills the folder; its value passes through JSON
   */
  shared<T>(identity: string, make: (folder: string) => Promise<T>): Promise<Shared<T> & { readonly isNew: boolean }>;
  /** Forgets the result in a place, but not its cells: it is about to be measured. */
  forgetResult(place: string): void;
  /** Forgets the cells in a place. */
  forgetCells(place: string): void;
  /** Forgets what claims share under an identity. */
  forgetShared(identity: string): void;
}

/** Opens the store in a folder, which is made when the first result is saved. */
export function openStore(folder: string): Store {
  const resultPath = (place: string) => join(folder, "claims", `${place}.json`);
  const sharedFolder = join(folder, "shared");
  const cellFolder = (place: string) => join(folder, "cells", place);
  const forgetCells = (place: string) => rmSync(cellFolder(place), { recursive: true, force: true });
  return {
    result(place, identity) {
      const stored = readJson<StoredResult>(resultPath(place));
      return stored?.schema === 1 && stored.identity === identity ? stored : undefined;
    },
    save(place, result) {
      writeJson(resultPath(place), result);
      forgetCells(place);
    },
    async cell<T>(
      { place, identity, name }: { place: string; identity: string; name: string },
      measure: () => Promise<T>,
    ) {
      const path = join(cellFolder(place), `${fileName(name)}.json`);
      const stored = readJson<{ identity: string; value: T }>(path);
      if (stored?.identity === identity) return { value: stored.value, isNew: false };
      const text = JSON.stringify({ identity, value: await measure() });
      mkdirSync(cellFolder(place), { recursive: true });
      writeAtomically(path, text);
      return { value: (JSON.parse(text) as { value: T }).value, isNew: true };
    },
    async shared<T>(identity: string, make: (folder: string) => Promise<T>) {
      const folder = join(sharedFolder, identity);
      const stored = readJson<{ value: T }>(join(folder, "value.json"));
      if (stored !== undefined) return { folder, value: stored.value, isNew: false };
      const partial = join(sharedFolder, `.${identity}.partial`);
      for (const path of [folder, partial]) rmSync(path, { recursive: true, force: true });
      mkdirSync(partial, { recursive: true });
      const text = JSON.stringify({ value: await make(partial) });
      writeAtomically(join(partial, "value.json"), text);
      renameSync(partial, folder);
      return { folder, value: (JSON.parse(text) as { value: T }).value, isNew: true };
    },
    forgetResult: (place) => rmSync(resultPath(place), { force: true }),
    forgetCells,
    forgetShared: (identity) => rmSync(join(sharedFolder, identity), { recursive: true, force: true }),
  };
}

/** A name as a file name: what is neither letter, digit, dot nor hyphen becomes a hyphen. */
export function fileName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9.-]+/g, "-");
}

/** Every result in a folder, whatever its plan and identity. */
export function storedResults(folder: string): StoredResult[] {
  const path = join(folder, "claims");
  if (!existsSync(path)) return [];
  const files = readdirSync(path, { encoding: "utf8", recursive: true }).filter((name) => /[\\/].*\.json$/.test(name));
  return files.sort().flatMap((name) => readJson<StoredResult>(join(path, name)) ?? []);
}

/** A file's JSON; nothing when it is absent or damaged, because then it is measured again. */
function readJson<T>(path: string): T | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}
