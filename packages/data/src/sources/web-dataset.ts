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

/** Options of {@link webDataset}. */
export interface WebDatasetOptions {
  /** Archives in order. */
  readonly files: readonly string[];
  /** File that holds the class number: `.cls`, in decimal digits, or a field of the JSON file. */
  readonly label?: "cls" | { readonly json: string };
  /** Class names; "0", "1", ... up to the largest label if not given. */
  readonly classes?: readonly string[];
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
 * are refused, and so is a sample with two files of one extension.
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
    const images: { archive: number; entry: TarEntry; key: string; label: unknown }[] = [];
    for (const [archive, path] of files.entries()) {
      const samples = groupByKey(path, await indexTar(path));
      const { handle } = await openFile(path);
      try {
        for (const [key, sample] of samples) {
          const entry = imageExtensions.map((extension) => sample.get(extension)).find((found) => found !== undefined);
          if (entry === undefined) {
            throw new DatasetError(
              path,
              `sample "${key}" has no image (${imageExtensions.join(", ")}); it has ${[...sample.keys()].join(", ")}`,
            );
          }
          images.push({ archive, entry, key, label: await readLabel(path, handle, key, sample, label) });
        }
      } finally {
        await handle.close();
      }
    }
    const all = files.join(", ");
    if (images.length === 0) throw new DatasetError(all, "has no samples");
    const labelled = images.map((image) => image.label);
    const { labels, strays } = classNumbers(labelled, all);
    const numbers = (of: (image: (typeof images)[number]) => number) => {
      const shared = new Float64Array(new SharedArrayBuffer(8 * images.length));
      shared.set(images.map(of));
      return shared;
    };
    return {
      classes: classes ?? numberedClasses(labels, all),
      labels,
      strays,
      archives: sharedLabels(images.map(({ archive }) => archive)),
      offsets: numbers(({ entry }) => entry.offset),
      sizes: numbers(({ entry }) => entry.size),
      keys: packStrings(images.map(({ key }) => key)),
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

/** What a sample says its class is: a number, or what stands there instead of one. */
async function readLabel(
  path: string,
  handle: FileHandle,
  key: string,
  sample: Map<string, TarEntry>,
  from: "cls" | { readonly json: string },
): Promise<unknown> {
  const extension = from === "cls" ? "cls" : "json";
  const entry = sample.get(extension);
  if (entry === undefined) {
    throw new DatasetError(
      path,
      `sample "${key}" has no .${extension} file with its class; it has ${[...sample.keys()].join(", ")}`,
    );
  }
  let text: string;
  try {
    text = Buffer.from(await readRange(handle, entry.offset, entry.size, "label")).toString("utf8");
  } catch (cause) {
    throw new DatasetError(path, `sample "${key}": ${messageOf(cause)}`, { cause });
  }
  if (from === "cls") return /^\d+$/.test(text.trim()) ? Number(text) : text;
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch (cause) {
    throw new DatasetError(path, `sample "${key}": its .json file is not JSON (${messageOf(cause)})`, { cause });
  }
  if (typeof facts === "object" && facts !== null && Object.hasOwn(facts, from.json)) {
    return (facts as Record<string, unknown>)[from.json];
  }
  throw new DatasetError(path, `sample "${key}": its .json file has no field "${from.json}": ${shown(facts)}`);
}
