import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "@vitscale/core";
import { createRun, describeSource, type Machine, type RunRecord } from "@vitscale/train";
import type { Bench, Claim, RecordFacts } from "../claim.ts";
import { identityOf } from "./identity.ts";
import type { BenchProgress } from "./progress.ts";
import { fileName, type Store } from "./store.ts";

/** A claim that is about to be measured: its plan, where the measurement is kept, and what it depends on. */
export interface Planned {
  readonly claim: Claim;
  readonly plan: unknown;
  readonly place: string;
  readonly identity: string;
}

/** What every measurement of a run of claims is made with. */
export interface ClaimTools {
  /** Folder of results, run records and reports. */
  readonly out: string;
  readonly store: Store;
  readonly engine: Engine;
  readonly machine: Machine;
  /** The source code, as a text that changes with it. */
  readonly source: string;
  /** Measures again what was measured before. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  readonly progress: BenchProgress;
}

/** What a measurement gathers while it runs. */
export interface Gathered {
  readonly scratch: string;
  /**
   * Folders of its run records, below `runs/`: those that it opened, those that an interrupted run of it left, and those of what another
   * claim made that it shares.
   */
  readonly runs: Set<string>;
  /** Identities of what claims share and was made again in this run of the command, because all is to be fresh. */
  readonly madeAgain: Set<string>;
}

/** What is kept of a cell, or of what claims share: its value, and the folders of the run records that it left. */
interface Kept<T> {
  readonly made: T;
  readonly records: readonly string[];
}

/** What a claim measures with: its cells and run records are kept in its place, what it shares beside all places. */
export function claimBench(
  { claim, place, identity }: Planned,
  tools: ClaimTools,
  { scratch, runs, madeAgain }: Gathered,
): Bench {
  const { store, fresh, engine, signal, progress, machine, source } = tools;
  const recorded = async <T>(make: () => Promise<T>): Promise<Kept<T>> => {
    const before = new Set(runs);
    const made = await make();
    return { made, records: [...runs].filter((folder) => !before.has(folder)) };
  };
  const use = <T>({ value, isNew }: { readonly value: Kept<T>; readonly isNew: boolean }): T => {
    if (!isNew) progress.reuse();
    for (const folder of value.records) runs.add(folder);
    return value.made;
  };
  return {
    ...{ engine, signal, scratch },
    progress: (share, doing) => progress.advance(claim, share, doing),
    cell: async (name, measure) => use(await store.cell({ place, identity, name }, () => recorded(measure))),
    async shared(description, make) {
      const key = identityOf({ name: "shared", version: 1 }, description, { machine, source });
      if (fresh && !madeAgain.has(key)) store.forgetShared(key);
      madeAgain.add(key);
      const found = await store.shared(key, (folder) => recorded(() => make(folder)));
      return { folder: found.folder, value: use(found) };
    },
    record(name, about) {
      const folder = `${place}/${fileName(name)}`;
      runs.add(folder);
      return openRecord(folder, { ...about, name: `${claim.name}-${name}` }, tools);
    },
  };
}

function openRecord(
  folder: string,
  facts: RecordFacts & { readonly name: string },
  { out, engine, machine }: ClaimTools,
): RunRecord {
  const path = join(out, "runs", folder);
  rmSync(path, { recursive: true, force: true });
  const { name, reason } = engine.describe();
  return createRun(path, {
    ...{ ...facts, status: "running", step: 0, machine, engine: { name, reason } },
    source: describeSource(process.cwd()),
  });
}
