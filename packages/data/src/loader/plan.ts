import { fold, foldName, type Key, keyOf } from "../random/threefry.ts";
import type { Catalog } from "../source.ts";
import type { ImageCache } from "./image-cache.ts";
import type { Settings } from "./pipeline.ts";

/** What every row of a batch holds. */
export interface RowFormat {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly dtype: "uint8" | "float32";
}

/** All that a thread needs to produce rows of batches; plain but for shared memory. */
export interface WorkPlan {
  readonly settings: Settings;
  readonly catalog: Catalog;
  /** Numbers of the samples that take part. */
  readonly samples: Uint32Array;
  readonly format: RowFormat;
  /** Memory in which batches are put together, one slot for each that is under way. */
  readonly slots: readonly SharedArrayBuffer[];
  readonly cache?: ImageCache;
  /** One integer; threads stop claiming rows when it is not 0. */
  readonly stop: Int32Array;
}

/** A batch to be produced by all threads together. */
export interface Job {
  readonly step: number;
  readonly slot: number;
  /** Sample of each row, -1 for padding. Shared: a thread that replaces a broken sample writes it here. */
  readonly indices: Int32Array;
  readonly epochs: Int32Array;
  /** Shared: rows claimed, rows done. */
  readonly progress: Int32Array;
}

/** A sample that was skipped. */
export interface BrokenSample {
  readonly index: number;
  readonly name: string;
  readonly problem: string;
}

/** The key of the mix of a batch. */
export function mixKey({ seed }: Settings, step: number): Key {
  return fold(foldName(keyOf(seed), "mix"), step);
}
