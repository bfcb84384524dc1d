import { basename } from "node:path";
import type { FileMetaData } from "hyparquet";
import { DatasetError, messageOf } from "../errors.ts";
import { openAll, requireFiles } from "../files/open.ts";
import { ParquetFile } from "../files/parquet.ts";
import { type Catalog, defineSource } from "../source.ts";
import { classNumber, classNumbers, numberedClasses, requireClasses } from "./class-numbers.ts";

/** Options of {@link parquet}. */
export interface ParquetOptions {
  /** Files in order. */
  readonly files: readonly string[];
  /** Column of encoded images: bytes, or Hugging Face's struct of `bytes` and `path`. */
  readonly image?: string;
  /** Column of class numbers or class names, or of lists of them where images may have several. */
  readonly label?: string;
  /**
   * Class names in label order. If not given: those in Hugging Face's metadata; else the sorted names in the label column;
   * else "0", "1", ... up to the largest label.
   */
  readonly classes?: readonly string[];
  /** Bytes of encoded images that each thread keeps: the row groups used last. */
  readonly keepBytes?: number;
}

interface ParquetCatalog extends Catalog {
  /** Number of the first sample of each file. */
  readonly firsts: readonly number[];
}

/**
 * Parquet files with a column of encoded images, uncompressed or with any codec of the format.
 *
 * An image is found by reading the image column of its row group, the smallest unit that Parquet offers. A thread keeps the
 * groups it used last up to `keepBytes`; where all of them fit, each is read once, and where they do not, a shuffled order
 * reads a whole group for almost every image: then write smaller groups, or use WebDataset archives.
 */
export const parquet = defineSource("parquet", {
  options: { files: true, image: true, label: true, classes: true, keepBytes: true },

  async catalog({ files, image = "image", label = "label", classes: given }: ParquetOptions): Promise<ParquetCatalog> {
    requireFiles(files, "parquet");
    requireClasses(given, "parquet");
    const metadata: FileMetaData[] = [];
    const firsts: number[] = [];
    const values: unknown[] = [];
    for (const path of files) {
      const file = await ParquetFile.open(path);
      try {
        for (const column of [image, label]) file.requireColumn(column);
        firsts.push(values.length);
        // The reader has undefined for a list that is null.
        for await (const value of file.column(label)) values.push(value ?? null);
        metadata.push(file.metadata);
      } finally {
        await file.close();
      }
    }
    const all = files.join(", ");
    if (values.length === 0) throw new DatasetError(all, "has no rows");
    const classes = given ?? huggingFaceClasses(metadata, label) ?? classesIn(values.flat(), all);
    const numbers = new Map(classes.map((name, number) => [name, number]));
    const numberOf = (value: unknown) => (typeof value === "string" ? (numbers.get(value) ?? -1) : classNumber(value));
    return { classes, ...classNumbers(values, all, numberOf), firsts };
  },

  async open({ files, image = "image", keepBytes = 2 ** 29 }, { firsts }) {
    const opened = await openAll(files, (path) => ParquetFile.open(path, keepBytes / files.length));
    const place = (index: number) => {
      const file = firsts.findLastIndex((first) => first <= index);
      return [file, index - firsts[file]!] as const;
    };
    return {
      async read(index) {
        const [file, row] = place(index);
        const value = await opened[file]!.valueAt(image, row);
        const bytes = value instanceof Uint8Array ? value : (value as { bytes?: unknown } | null)?.bytes;
        if (bytes instanceof Uint8Array) return bytes;
        throw new TypeError(`column "${image}" has no bytes in this row; images given by path alone are not read`);
      },
      nameOf(index) {
        const [file, row] = place(index);
        return `${basename(files[file]!)}#${row}`;
      },
      async close() {
        await Promise.all(opened.map((file) => file.close()));
      },
    };
  },
});

/**
 * Class names as `datasets` writes them: JSON under the key "huggingface", at info.features.<label>.names, or for lists of classes at
 * info.features.<label>.feature.names (`Sequence`, `List`) and info.features.<label>[0].names.
 */
function huggingFaceClasses(metadata: readonly FileMetaData[], label: string): readonly string[] | undefined {
  for (const { key_value_metadata = [] } of metadata) {
    const text = key_value_metadata.find(({ key }) => key === "huggingface")?.value;
    if (text === undefined) continue;
    try {
      const feature = JSON.parse(text)?.info?.features?.[label];
      const names: unknown = (feature?.feature ?? feature?.[0] ?? feature)?.names;
      if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
    } catch (cause) {
      throw new DatasetError('metadata "huggingface"', `is not JSON (${messageOf(cause)}); give the classes instead`);
    }
  }
  return undefined;
}

function classesIn(values: readonly unknown[], path: string): readonly string[] {
  const names = values.filter((value) => typeof value === "string");
  return names.length > 0 ? [...new Set(names)].sort() : numberedClasses(values.map(classNumber), path);
}
