import { basename, join } from "node:path";
import { requireOneOf, requireOptions, requireText } from "../checks.ts";
import { DatasetError } from "../errors.ts";
import { readIdx } from "../files/idx.ts";
import { firstExisting, requireCandidates } from "../files/open.ts";
import { sharedBytes, sharedLabels } from "../files/shared.ts";
import { type Catalog, defineSource, type SourceSpec } from "../source.ts";
import { numberedClasses, requireClasses } from "./class-numbers.ts";

/** Options of {@link idx}. */
export interface IdxOptions {
  /** File of `[N, height, width]` or `[N, height, width, channels]` bytes; of several paths the first that exists. */
  readonly images: string | readonly string[];
  /** File of `[N]` class numbers. */
  readonly labels: string | readonly string[];
  /** Class names; "0", "1", ... up to the largest label if not given. */
  readonly classes?: readonly string[];
}

interface IdxCatalog extends Catalog {
  readonly file: string;
  /** Height, width and channels of every image. */
  readonly shape: readonly [number, number, number];
  /** All images, in shared memory. */
  readonly pixels: Uint8Array;
}

/** A pair of IDX files, plain or gzip. Grey images have one channel; `toChannels({ channels: 3 })` makes three of it. */
export const idx = defineSource("idx", {
  options: { images: true, labels: true, classes: true },

  async catalog({ images, labels, classes }: IdxOptions): Promise<IdxCatalog> {
    requireCandidates("images of idx", images);
    requireCandidates("labels of idx", labels);
    requireClasses(classes, "idx");
    const imageFile = await firstExisting(typeof images === "string" ? [images] : images);
    const labelFile = await firstExisting(typeof labels === "string" ? [labels] : labels);
    const [pixels, numbers] = await Promise.all([readIdx(imageFile), readIdx(labelFile)]);
    const [count = 0, height, width, channels = 1] = pixels.shape;
    if (height === undefined || width === undefined || pixels.shape.length > 4 || pixels.data.length === 0) {
      throw new DatasetError(
        imageFile,
        `has shape [${pixels.shape}]; images are [N, height, width] or with channels, none of them 0`,
      );
    }
    if (numbers.shape.length !== 1 || numbers.shape[0] !== count) {
      throw new DatasetError(labelFile, `has shape [${numbers.shape}], but there are ${count} images in ${imageFile}`);
    }
    return {
      classes: classes ?? numberedClasses(numbers.data, labelFile),
      labels: sharedLabels(numbers.data),
      file: imageFile,
      shape: [height, width, channels],
      pixels: sharedBytes(pixels.data),
    };
  },

  open(_options, { file, shape: [height, width, channels], pixels }) {
    const size = height * width * channels;
    return {
      read: (index) => ({ height, width, channels, data: pixels.slice(index * size, (index + 1) * size) }),
      nameOf: (index) => `${basename(file)}#${index}`,
      async close() {},
    };
  },
});

/** MNIST (LeCun, Cortes, Burges): 60,000 and 10,000 grey digits, 28 x 28, as `download("mnist", ...)` leaves it. */
export function mnist(options: { readonly folder: string; readonly split: "train" | "test" }): SourceSpec {
  requireOptions(options, "mnist", ["folder", "split"]);
  const { folder, split } = options;
  requireText("folder of mnist", folder);
  requireOneOf("split of mnist", split, ["train", "test"]);
  const prefix = split === "train" ? "train" : "t10k";
  const places = (name: string, rank: number) =>
    [`${prefix}-${name}-idx${rank}-ubyte`, `${prefix}-${name}.idx${rank}-ubyte`]
      .flatMap((file) => [`${file}.gz`, file])
      .map((file) => join(folder, file));
  return idx({ images: places("images", 3), labels: places("labels", 1), classes: [..."0123456789"] });
}
