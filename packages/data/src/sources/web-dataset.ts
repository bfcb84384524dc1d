import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { requireFields, requireOneOf, requireText, shown } from "../checks.ts";
import { DatasetError, messageOf } from "../errors.ts";
import { openAll, openFile, requireFiles } from "../files/open.ts";
import { readBytes } from "../files/read.ts";
import { type PackedStrings, packStrings, sharedLabels, stringAt } from "../files/shared.ts";
import { indexTar, type TarEntry } from "../files/tar.ts";
import { imageExtensions } from "../image-formats.ts";
import { type Catalog, defineSource } from "../source.ts";
import { classNumbers, numberedClasses, requireClasses } from "./class-numbers.ts";

type Label = "cls" | { readonly json: string };

/** Options of {@link webDataset}. */
export interface WebDatasetOptions {
  /** Archives in order. */
  readonly files: readonly string[];
  /** File that holds the class number: `.cls`, in decimal digits, or a field of the JSON file, which may be a list of several. */
  readonly label?: Label;
  /** Class names; "0", "1", ... up to the largest label if not given. */
  readonly classes?: readonly string[];
}

/** What the files of one name are. */
interface TarSample {
  /** Number of its archive. */
  readonly archive: number;
  readonly key: string;
  readonly image?: TarEntry;
  /** What it says its class is: a number, or what stands there instead of one. */
  readonly label?: unknown;
  /** Why it cannot be used. */
  readonly problem?: string;
}

interface TarCatalog extends Catalog {
  /** Archive number of each sample. */
  readonly archives: Int32Array;
  /** Where the image lies in its archive: first byte and length. */
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
  readonly keys: PackedStrings;
}

/**
 * WebDataset archives: tar files in which files of one name and different extensions make a sample (`0001.jpg`,
 * `0001.cls`). The name ends at the first dot after the last slash; files whose names begin with a dot are no part of a sample,
 * such as the `._0001.jpg` that macOS adds. Of several images in a sample the first is taken, in the order jpg, jpeg, png, webp,
 * gif, tif, tiff, avif. Archives are indexed once by their headers, so that any sample can be read at once; compressed archives
 * are refused, and so is a sample with two files of one extension. A sample without an image, or whose class cannot be read, is a
 * broken one, which `onBroken` decides about, unless all are.
 */
export const webDataset = defineSource("webDataset", {
  options: { files: true, label: true, classes: true },

  async catalog({ files, label = "cls", classes }: WebDatasetOptions): Promise<TarCatalog> {
    requireFiles(files, "webDataset");
    requireClasses(classes, "webDataset");
    if (typeof label === "string") requireOneOf("label of webDataset", label, ["cls"]);
    else {
      requireFields(label, "label of webDataset", ["json"]);
      requireText("label.json of webDataset", label.json);
    }
    const samples = await readSamples(files, label);
    const all = files.join(", ");
    const problems = problemsOf(samples, all);
    const columns = classNumbers(
      samples.map((sample) => sample.label),
      all,
    );
    const numbers = (of: (sample: TarSample) => number) => {
      const shared = new Float64Array(new SharedArrayBuffer(8 * samples.length));
      shared.set(samples.map(of));
      return shared;
    };
    return {
      classes: classes ?? numberedClasses(columns.labelSets?.numbers ?? columns.labels, all),
      ...columns,
      problems,
      archives: sharedLabels(samples.map(({ archive }) => archive)),
      offsets: numbers(({ image }) => image?.offset ?? 0),
      sizes: numbers(({ image }) => image?.size ?? 0),
      keys: packStrings(samples.map(({ key }) => key)),
    };
  },

  async open({ files }, { archives, offsets, sizes, keys }) {
    const handles = await openAll(files, async (path) => (await openFile(path)).handle);
    return {
      read: (index) => readRange(handles[archives[index]!]!, offsets[index]!, sizes[index]!, "image"),
      nameOf: (index) => `${basename(files[archives[index]!]!)}:${stringAt(keys, index)}`,
      async close() {
        await Promise.all(handles.map((handle) => handle.close()));
      },
    };
  },
});

/** The samples of all archives, in order. */
async function readSamples(files: readonly string[], label: Label): Promise<TarSample[]> {
  const samples: TarSample[] = [];
  for (const [archive, path] of files.entries()) {
    const grouped = groupByKey(path, await indexTar(path));
    const { handle } = await openFile(path);
    try {
      for (const [key, members] of grouped) {
        samples.push({ archive, key, ...imageOf(members), ...(await labelOf(handle, members, label)) });
      }
    } finally {
      await handle.close();
    }
  }
  return samples;
}

/** Why samples cannot be used, by number. @throws DatasetError that begins with `path` when none can. */
function problemsOf(samples: readonly TarSample[], path: string): Map<number, string> {
  const [first] = samples;
  if (first === undefined) throw new DatasetError(path, "has no samples");
  const problems = new Map<number, string>();
  for (const [i, { problem }] of samples.entries()) if (problem !== undefined) problems.set(i, problem);
  if (problems.size < samples.length) return problems;
  const given = `the first is "${first.key}": ${first.problem}`;
  throw new DatasetError(path, `none of its ${samples.length} samples can be used; ${given}`);
}

/** Encoded images and labels are smaller: what claims to be larger is not read. */
const mostBytes = { image: 2 ** 30, label: 2 ** 20 } as const;

async function readRange(
  handle: FileHandle,
  offset: number,
  size: number,
  kind: keyof typeof mostBytes,
): Promise<Uint8Array> {
  if (size > mostBytes[kind]) throw new RangeError(`a file of ${size} bytes is no ${kind}`);
  const bytes = await readBytes(handle, offset, size);
  if (bytes.length !== size)
    throw new RangeError(`the archive ends ${size - bytes.length} bytes early; it changed since it was indexed`);
  return bytes;
}

/** Files by key and lower-case extension, keys in the order of the archive. */
function groupByKey(path: string, entries: readonly TarEntry[]): Map<string, Map<string, TarEntry>> {
  const samples = new Map<string, Map<string, TarEntry>>();
  for (const entry of entries) {
    const start = entry.name.lastIndexOf("/") + 1;
    const dot = entry.name.indexOf(".", start);
    if (dot <= start) continue;
    const key = entry.name.slice(0, dot);
    const extension = entry.name.slice(dot + 1).toLowerCase();
    const sample = samples.get(key) ?? new Map<string, TarEntry>();
    const other = sample.get(extension)?.name;
    if (other !== undefined) {
      const names = other === entry.name ? `"${other}" twice` : `"${other}" and "${entry.name}"`;
      throw new DatasetError(path, `sample "${key}" has ${names}; write the archive again with one of them`);
    }
    samples.set(key, sample.set(extension, entry));
  }
  return samples;
}

/** The image among the files of a sample. */
function imageOf(members: Map<string, TarEntry>): Pick<TarSample, "image" | "problem"> {
  const image = imageExtensions.map((extension) => members.get(extension)).find((found) => found !== undefined);
  if (image !== undefined) return { image };
  return { problem: `it has no image (${imageExtensions.join(", ")}), only ${[...members.keys()].join(", ")}` };
}

/** What a sample says its class is. */
async function labelOf(
  handle: FileHandle,
  members: Map<string, TarEntry>,
  from: Label,
): Promise<Pick<TarSample, "label" | "problem">> {
  const extension = from === "cls" ? "cls" : "json";
  const entry = members.get(extension);
  if (entry === undefined) {
    return { problem: `it has no .${extension} file with its class, only ${[...members.keys()].join(", ")}` };
  }
  let text: string;
  try {
    text = Buffer.from(await readRange(handle, entry.offset, entry.size, "label")).toString("utf8");
  } catch (cause) {
    return { problem: `its .${extension} file cannot be read (${messageOf(cause)})` };
  }
  if (from === "cls") return { label: /^\d+$/.test(text.trim()) ? Number(text) : text };
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch (cause) {
    return { problem: `its .json file is not JSON (${messageOf(cause)})` };
  }
  if (typeof facts === "object" && facts !== null && Object.hasOwn(facts, from.json)) {
    return { label: (facts as Record<string, unknown>)[from.json] };
  }
  return { problem: `its .json file has no field "${from.json}": ${shown(facts)}` };
}
