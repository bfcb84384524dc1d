import { basename, join } from "node:path";
import { requireOneOf, requireOptions, requireText } from "../checks.ts";
import { DatasetError } from "../errors.ts";
import { firstExisting, requireCandidates, requireFiles } from "../files/open.ts";
import { readMaybeGzip } from "../files/read.ts";
import { sharedBytes, sharedInt32 } from "../files/shared.ts";
import { byteImage } from "../image.ts";
import { type Catalog, defineSource, type SourceSpec } from "../source.ts";
import { cifar10Classes, cifar100Classes, cifar100Superclasses } from "./cifar-classes.ts";

const side = 32;
const plane = side * side;

/** Options of {@link cifarBinary}. */
export interface CifarBinaryOptions {
  /** Files in order, plain or gzip; an entry may list several paths of which the first that exists is taken. */
  readonly files: readonly (string | readonly string[])[];
  /** Records of CIFAR-10 have one label byte; those of CIFAR-100 have two, `coarse` (20) and `fine` (100). */
  readonly labels: "cifar10" | "coarse" | "fine";
}

interface CifarCatalog extends Catalog {
  readonly files: readonly string[];
  /** Contents of each file, in shared memory. */
  readonly records: readonly Uint8Array[];
  /** Number of the first sample of each file. */
  readonly firsts: readonly number[];
}

/** More images than a file of either data set has: what a compressed file may unpack to. */
const mostRecords = 60_000;

const labelKinds = {
  cifar10: { bytes: 1, at: 0, classes: cifar10Classes },
  coarse: { bytes: 2, at: 0, classes: cifar100Superclasses },
  fine: { bytes: 2, at: 1, classes: cifar100Classes },
};

/** The binary layout of CIFAR-10 and CIFAR-100: label bytes, then 32 x 32 pixels of red, of green, of blue. */
export const cifarBinary = defineSource("cifarBinary", {
  options: { files: true, labels: true },

  async catalog({ files, labels: kind }: CifarBinaryOptions): Promise<CifarCatalog> {
    if (!Object.hasOwn(labelKinds, kind)) {
      throw new TypeError(`CIFAR labels of kind "${kind}"; there are ${Object.keys(labelKinds).join(", ")}`);
    }
    requireFiles(files, "cifarBinary", requireCandidates);
    const { bytes: labelBytes, at, classes } = labelKinds[kind];
    const recordBytes = labelBytes + 3 * plane;
    const paths = await Promise.all(files.map((file) => firstExisting(typeof file === "string" ? [file] : file)));
    const records: Uint8Array[] = [];
    const firsts: number[] = [];
    let length = 0;
    for (const path of paths) {
      const bytes = await readMaybeGzip(path, () => mostRecords * recordBytes);
      if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
        throw new DatasetError(
          path,
          `has ${bytes.length} bytes, which is not a whole number of records of ${recordBytes} (labels "${kind}"); ` +
            "it is truncated, or of the other CIFAR",
        );
      }
      firsts.push(length);
      length += bytes.length / recordBytes;
      records.push(sharedBytes(bytes));
    }
    const labels = sharedInt32(length);
    for (const [file, bytes] of records.entries()) {
      const count = bytes.length / recordBytes;
      for (let i = 0; i < count; i++) labels[firsts[file]! + i] = bytes[i * recordBytes + at]!;
    }
    return { classes, labels, files: paths, records, firsts };
  },

  open({ labels: kind }, { files, records, firsts }) {
    const recordBytes = labelKinds[kind].bytes + 3 * plane;
    const fileOf = (index: number) => firsts.findLastIndex((first) => first <= index);
    return {
      read(index) {
        const file = fileOf(index);
        const start = (index - firsts[file]!) * recordBytes + labelKinds[kind].bytes;
        const planes = records[file]!.subarray(start, start + 3 * plane);
        const image = byteImage(side, side, 3);
        for (let pixel = 0, at = 0; pixel < plane; pixel++, at += 3) {
          image.data[at] = planes[pixel]!;
          image.data[at + 1] = planes[pixel + plane]!;
          image.data[at + 2] = planes[pixel + 2 * plane]!;
        }
        return image;
      },
      nameOf(index) {
        const file = fileOf(index);
        return `${basename(files[file]!)}#${index - firsts[file]!}`;
      },
      async close() {},
    };
  },
});

/** Where a file of a CIFAR archive may lie: in the folder, or in the folder that the archive unpacks to; packed or not. */
function places(folder: string, archiveFolder: string, file: string): string[] {
  requireText("folder of CIFAR", folder);
  return [join(folder, file), join(folder, archiveFolder, file)].flatMap((path) => [path, `${path}.gz`]);
}

const requireSplit = (split: unknown) => requireOneOf("split of CIFAR", split, ["train", "test"]);

/** CIFAR-10 (Krizhevsky 2009): 50,000 and 10,000 images of 10 classes, 32 x 32, as `download("cifar10", ...)` leaves it. */
export function cifar10(options: { readonly folder: string; readonly split: "train" | "test" }): SourceSpec {
  requireOptions(options, "cifar10", ["folder", "split"]);
  const { folder, split } = options;
  requireSplit(split);
  const names = split === "train" ? [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`) : ["test_batch.bin"];
  return cifarBinary({ files: names.map((name) => places(folder, "cifar-10-batches-bin", name)), labels: "cifar10" });
}

/** CIFAR-100: the same sizes with 100 classes, or the 20 classes above them, as `download("cifar100", ...)` leaves it. */
export function cifar100(options: {
  readonly folder: string;
  readonly split: "train" | "test";
  readonly labels?: "fine" | "coarse";
}): SourceSpec {
  requireOptions(options, "cifar100", ["folder", "split", "labels"]);
  const { folder, split, labels = "fine" } = options;
  requireSplit(split);
  return cifarBinary({ files: [places(folder, "cifar-100-binary", `${split}.bin`)], labels });
}
