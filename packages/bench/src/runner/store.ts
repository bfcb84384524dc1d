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
  /** Names of the run records that it left under `runs/`: the curves behind the numbers. */
  readonly runs: readonly string[];
}

/** Files of measurements in a folder: `claims/NAME.json`, the cells of unfinished claims under `cells/NAME/`, and `shared/`. */
export interface Store {
  /** The result of a claim, if one of this identity is there. */
  result(claim: string, identity: string): StoredResult | undefined;
  save(result: StoredResult): void;
  /** The value of a cell, measured now unless one of this identity is there. Values pass through JSON either way. */
  cell<T>(
    place: { claim: string; identity: string; name: string },
    measure: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly isNew: boolean }>;
  /**
   * What claims share, made now unless a folder of this identity is there. A folder appears as a whole: one whose making was
   * interrupted is made again.
   *
   * @param make fills the folder; its value passes through JSON
   */
  shared<T>(identity: string, make: (folder: string) => Promise<T>): Promise<Shared<T> & { readonly isNew: boolean }>;
  /** Forgets what is known of a claim. */
  forget(claim: string): void;
  /** Forgets everything that claims share. */
  forgetShared(): void;
}

/** Opens the store in a folder, which is made when the first result is saved. */
export function openStore(folder: string): Store {
  const resultPath = (claim: string) => join(folder, "claims", `${claim}.json`);
  const sharedFolder = join(folder, "shared");
  const cellFolder = (claim: string) => join(folder, "cells", claim);
  return {
    result(claim, identity) {
      const stored = readJson<StoredResult>(resultPath(claim));
      return stored?.schema === 1 && stored.identity === identity ? stored : undefined;
    },
    save(result) {
      writeJson(resultPath(result.claim), result);
      rmSync(cellFolder(result.claim), { recursive: true, force: true });
    },
    async cell<T>(
      { claim, identity, name }: { claim: string; identity: string; name: string },
      measure: () => Promise<T>,
    ) {
      const path = join(cellFolder(claim), `${fileName(name)}.json`);
      const stored = readJson<{ identity: string; value: T }>(path);
      if (stored?.identity === identity) return { value: stored.value, isNew: false };
      const text = JSON.stringify({ identity, value: await measure() });
      mkdirSync(cellFolder(claim), { recursive: true });
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
    forgetShared: () => rmSync(sharedFolder, { recursive: true, force: true }),
    forget(claim) {
      rmSync(resultPath(claim), { force: true });
      rmSync(cellFolder(claim), { recursive: true, force: true });
    },
  };
}

/** A name as a file name: what is neither letter, digit, dot nor hyphen becomes a hyphen. */
export function fileName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9.-]+/g, "-");
}

/** Every result in a folder, whatever its identity. */
export function storedResults(folder: string): StoredResult[] {
  const path = join(folder, "claims");
  if (!existsSync(path)) return [];
  const files = readdirSync(path).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => readJson<StoredResult>(join(path, name)) ?? []);
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
