import type { HostTensor } from "@vitscale/core";
import { fieldsOf, requireOptions, shown } from "../checks.ts";
import { sharedBytes, sharedLabels } from "../files/shared.ts";
import { type Attribute, type Catalog, defineSource, type SourceSpec } from "../source.ts";
import { requireClasses } from "./class-numbers.ts";

/** Options of {@link imagesInMemory}. */
export interface ImagesInMemoryOptions {
  /** `[N, height, width, channels]`. */
  readonly images: HostTensor<"uint8">;
  /** `[N]` class numbers. */
  readonly labels: HostTensor<"int32">;
  readonly classes: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

const optionNames = fieldsOf<ImagesInMemoryOptions>({ images: true, labels: true, classes: true, attributes: true });

/** Whose arrays lie in shared memory, so that no worker gets a copy. */
const sharedImages = defineSource("imagesInMemory", {
  catalog({ labels, classes, attributes }: ImagesInMemoryOptions): Catalog {
    return { classes, labels: labels.data, ...(attributes === undefined ? {} : { attributes }) };
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
    if (pixel.length !== 3 || count === 0 || labels.shape.length !== 1 || labels.shape[0] !== count) {
      throw new RangeError(
        `imagesInMemory has images [${images.shape}] and labels [${labels.shape}]; give [N, height, width, channels] and [N], N > 0`,
      );
    }
    const [pixels, numbers] = [images.shape.reduce((product, axis) => product * axis, 1), labels.data.length];
    if (images.data.length !== pixels || numbers !== count) {
      throw new RangeError(
        `imagesInMemory has ${images.data.length} bytes and ${numbers} labels, but images of shape [${images.shape}]; ` +
          `give ${pixels} and ${count}`,
      );
    }
    if (classes === undefined) throw new TypeError("imagesInMemory has no classes; give their names in label order");
    requireClasses(classes, "imagesInMemory");
    return sharedImages({
      images: { ...images, data: sharedBytes(images.data) },
      labels: { ...labels, data: sharedLabels(labels.data) },
      classes,
      ...facts,
    });
  },
  { format: sharedImages.format },
);
