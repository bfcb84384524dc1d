import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { cifar10, cifar10Classes, openSource, parquet, type SourceSpec } from "@vitscale/data";
import type { Places } from "../claim.ts";
import { type ImageSet, readImages } from "./shapes.ts";

/** A folder of CIFAR-10 (Krizhevsky 2009), with what tells its content from another's. */
export interface Cifar10Folder {
  readonly folder: string;
  /** Of all files of images in the folder: other files are another data set, whatever the folder is called. */
  readonly digest: string;
}

/** Some images of CIFAR-10, 32 × 32, in the order of its files. */
export interface Cifar10Images extends Cifar10Folder {
  readonly split: "train" | "test";
  /** Number of the first image, in its split. */
  readonly first: number;
  readonly count: number;
}

const found = new Map<string, Promise<Cifar10Folder>>();

/** CIFAR-10 as the user has it (`--data cifar10=DIR`, or in the data folder); nothing where there is no such folder. */
export async function findCifar10({ dataFolder }: Places): Promise<Cifar10Folder | undefined> {
  const folder = dataFolder("cifar10");
  if (!existsSync(folder)) return undefined;
  const known = found.get(folder) ?? digestOf(folder).then((digest) => ({ folder, digest }));
  found.set(folder, known);
  return known;
}

const read = new Map<string, Promise<ImageSet>>();

/** Reads images of CIFAR-10, once for all claims of a run. @throws RangeError where the split has fewer */
export function cifar10Set(options: Cifar10Images): Promise<ImageSet> {
  const { digest, split, first, count } = options;
  const key = [digest, split, first, count].join();
  const set = read.get(key) ?? readSet(options);
  read.set(key, set);
  return set;
}

async function readSet({ folder, split, first, count }: Cifar10Images): Promise<ImageSet> {
  const source = await openSource(sourceOf(folder, split));
  try {
    if (first + count > source.length) {
      throw new RangeError(
        `${folder} has ${source.length} images of CIFAR-10 to ${split} on, and those up to ${first + count} are needed; ` +
          "`vitscale download cifar10` fetches all 60,000",
      );
    }
    const classes = cifar10Classes.length;
    const indices = Array.from({ length: count }, (_, index) => first + index);
    return { ...(await readImages(source, indices, 32)), classes };
  } finally {
    await source.close();
  }
}

/** The published binary files, else files of Parquet that are called after the split. */
function sourceOf(folder: string, split: Cifar10Images["split"]): SourceSpec {
  const files = readdirSync(folder).filter((name) => name.endsWith(".parquet") && name.includes(split));
  const isBinary = imageFiles(folder).some((path) => /_batch(_1)?\.bin(\.gz)?$/.test(path));
  if (isBinary || files.length === 0) return cifar10({ folder, split });
  return parquet({ files: files.sort().map((name) => join(folder, name)), classes: [...cifar10Classes] });
}

/** Files of images in the folder, or in the one that the published archive unpacks to. */
function imageFiles(folder: string): string[] {
  const folders = [folder, join(folder, "cifar-10-batches-bin")].filter(existsSync);
  const paths = folders.flatMap((one) => readdirSync(one).map((name) => join(one, name)));
  return paths.filter((path) => /\.(bin|bin\.gz|parquet)$/.test(path)).sort();
}

/** @throws Error where the folder holds no such file */
async function digestOf(folder: string): Promise<string> {
  const files = imageFiles(folder);
  if (files.length === 0) {
    throw new Error(
      `${folder} holds no CIFAR-10: neither data_batch_1.bin … test_batch.bin, nor files *train*.parquet and *test*.parquet; ` +
        "give the folder of `vitscale download cifar10`",
    );
  }
  const hash = createHash("sha256");
  for (const path of files) {
    hash.update(`${relative(folder, path)}\0`);
    await pipeline(createReadStream(path), hash, { end: false });
  }
  return hash.digest("hex").slice(0, 16);
}
