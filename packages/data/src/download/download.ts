import { access, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type RemoteDataset, remoteDatasets } from "./catalogue.ts";
import { fetchFile, type Progress } from "./fetch-file.ts";
import { unpackFolder } from "./unpack.ts";

/** Options of {@link download}. */
export interface DownloadOptions {
  /** Folder for the data set; made if it is not there. */
  readonly to: string;
  /** A mirror: the folder that holds the files under their usual names. Default: the publisher's. */
  readonly baseUrl?: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What a download has done. */
export interface Downloaded {
  /** The folder to give to `cifar10`, `cifar100` or `mnist`. */
  readonly folder: string;
  /** Bytes that came over the network; 0 where all was there already. */
  readonly receivedBytes: number;
  /** Who made the data set, to be cited. */
  readonly credit: string;
}

/**
 * Fetches a data set, checks it against its SHA-256, and unpacks it. What is there already is not fetched again; what was
 * broken off is continued.
 *
 *     await download("cifar10", { to: "data/cifar10" });
 *     const train = cifar10({ folder: "data/cifar10", split: "train" });
 */
export async function download(name: keyof typeof remoteDatasets, options: DownloadOptions): Promise<Downloaded> {
  const dataset = Object.hasOwn(remoteDatasets, name) ? remoteDatasets[name] : undefined;
  if (dataset === undefined) {
    throw new RangeError(`no data set "${name}"; known are ${Object.keys(remoteDatasets).join(", ")}`);
  }
  return downloadDataset(dataset, options);
}

/** Fetches a data set that is described by its files and their checksums; see {@link download}. */
export async function downloadDataset(
  { files, unpacksTo, credit, baseUrl: publisher }: RemoteDataset,
  { to, baseUrl = publisher, ...fetching }: DownloadOptions,
): Promise<Downloaded> {
  await mkdir(to, { recursive: true });
  let receivedBytes = 0;
  for (const { name, sha256 } of files) {
    if (unpacksTo !== undefined && (await exists(join(to, unpacksTo)))) continue;
    const path = join(to, name);
    receivedBytes += await fetchFile(new URL(name, withSlash(baseUrl)).href, path, { sha256, name, ...fetching });
    if (unpacksTo !== undefined) {
      await unpackFolder(path, unpacksTo);
      await rm(path);
    }
  }
  return { folder: to, receivedBytes, credit };
}

const withSlash = (url: string) => (url.endsWith("/") ? url : `${url}/`);

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
