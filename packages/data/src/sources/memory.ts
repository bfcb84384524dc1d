import type { HostTensor } from "@vitscale/core";
import { fieldsOf, requireOptions, shown } from "../checks.ts";
import { sharedBytes, sharedLabels } from "../files/shared.ts";
import { labelSetsOf } from "../label-sets.ts";
import { type Attribute, type Catalog, defineSource, type SourceSpec } from "../source.ts";
import { requireClasses } from "./class-numbers.ts";

/** Options of {@link imagesInMemory}. */
export interface ImagesInMemoryOptions {
  /** `[N, height, width, channels]`. */
  readonly images: HostTensor<"uint8">;
  /** `[N]` class numbers; or, where an image may have several classes, `[N, classes]` with 1 for those that it has and 0 for the others. */
  readonly labels: HostTensor<"int32">;
  readonly classes: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

const optionNames = fieldsOf<ImagesInMemoryOptions>({ images: true, labels: true, classes: true, attributes: true });

/** Whose arrays lie in shared memory, so that no worker gets a copy. */
const sharedImages = defineSource("imagesInMemory", {
  catalog({ labels, classes, attributes }: ImagesInMemoryOptions): Catalog {
    const own = labels.shape.length === 1 ? { labels: labels.data } : setsOfRows(labels.data, classes.length);
    return { classes, ...own, ...(attributes === undefined ? {} : { attributes }) };
  },

  open({ images }) {
    const [, height = 0, width = 0, channels = 0] = images.shape;
    const size = height * width * channels;
    return {
      read: (index) => ({ height, width, channels, data: images.data.slice(index * size, (index + 1) * size) }),
      nameOf: (index) => `image #${index}`,
      async close() {},
    };
  },
});

/** The classes of which rows `[N, classes]` have a 1. */
function setsOfRows(rows: Int32Array, classes: number): Pick<Catalog, "labels" | "labelSets"> {
  const numbers: number[] = [];
  const counts = new Array<number>(rows.length / classes).fill(0);
  for (const [at, value] of rows.entries()) {
    if (value === 0) continue;
    numbers.push(at % classes);
    counts[Math.floor(at / classes)]! += 1;
  }
  return labelSetsOf(numbers, counts);
}

/** Images that are in memory already, such as corrupted copies of a test set. The data are copied here, once. */
export const imagesInMemory = Object.assign(
  (options: ImagesInMemoryOptions): SourceSpec => {
    requireOptions(options, "imagesInMemory", optionNames);
    const { images, labels, classes, ...facts } = options;
    if (!Array.isArray(images?.shape) || !Array.isArray(labels?.shape)) {
      const given = `images ${shown(images)} and labels ${shown(labels)}`;
      throw new TypeError(`imagesInMemory has ${given}; give both as { dtype, shape, data }`);
    }
    const [count = 0, ...pixel] = images.shape;
    if (classes === undefined) throw new TypeError("imagesInMemory has no classes; give their names in label order");
    requireClasses(classes, "imagesInMemory");
    const isRows = labels.shape.length === 2 && labels.shape[1] === classes.length;
    if (pixel.length !== 3 || count === 0 || !(labels.shape.length === 1 || isRows) || labels.shape[0] !== count) {
      throw new RangeError(
        `imagesInMemory has images [${images.shape}] and labels [${labels.shape}]; give [N, height, width, channels] and [N], or ` +
          `[N, ${classes.length}] with a column for each class, N > 0`,
      );
    }
    const [pixels, numbers] = [images, labels].map(({ shape }) => shape.reduce((product, axis) => product * axis, 1));
    if (images.data.length !== pixels || labels.data.length !== numbers) {
      throw new RangeError(
        `imagesInMemory has ${images.data.length} bytes and ${labels.data.length} labels, but images of shape [${images.shape}] and ` +
          `labels of [${labels.shape}]; give ${pixels} and ${numbers}`,
      );
    }
    const odd = isRows ? labels.data.find((value) => value !== 0 && value !== 1) : undefined;
    if (odd !== undefined) {
      throw new RangeError(
        `labels [N, classes] of imagesInMemory hold ${odd}; give 1 for the classes of an image, and 0`,
      );
    }
    return sharedImages({
      images: { ...images, data: sharedBytes(images.data) },
      labels: { ...labels, data: sharedLabels(labels.data) },
      classes,
      ...facts,
    });
  },
  { format: sharedImages.format },
);
