import { type HostTensor, hostTensor } from "@vitscale/core";
import { type GeneratedShapesOptions, generatedShapes, openSource, type Source } from "@vitscale/data";

/** Labelled images in memory. */
export interface ImageSet {
  /** [count, side, side, 3] */
  readonly images: HostTensor<"uint8">;
  /** [count] class numbers */
  readonly labels: HostTensor<"int32">;
  readonly classes: number;
  /** [count] of each image: the class that its texture speaks for, and its group; zeros of images that have neither. */
  readonly textures: Int32Array;
  readonly groups: Int32Array;
}

/** Which of the project's own images; also how textures and groups hang together with classes, and what is drawn of them. */
export interface ShapesOptions extends Omit<GeneratedShapesOptions, "length"> {
  /** Number of images, of 16 classes in turn. */
  readonly count: number;
  /** Sets of different seeds have no image in common. */
  readonly seed: number;
}

const rendered = new Map<string, Promise<ImageSet>>();

/** The project's generated images, rendered once for all claims of a run: about 1 ms for an image of 32 pixels. */
export function shapesSet(options: ShapesOptions): Promise<ImageSet> {
  const key = JSON.stringify(Object.entries(options).sort());
  const set = rendered.get(key) ?? render(options);
  rendered.set(key, set);
  return set;
}

async function render({ count, ...options }: ShapesOptions): Promise<ImageSet> {
  const source = await openSource(generatedShapes({ length: count, ...options }));
  try {
    const all = Array.from({ length: count }, (_, index) => index);
    return await readImages(source, all, options.side);
  } finally {
    await source.close();
  }
}

/** Some images of a data set, all of one side and in colour, into memory. */
export async function readImages(source: Source, indices: readonly number[], side: number): Promise<ImageSet> {
  const pixels = 3 * side ** 2;
  const images = hostTensor("uint8", [indices.length, side, side, 3]);
  for (const [position, index] of indices.entries()) {
    const { height, width, channels, data } = await source.read(index);
    if (height !== side || width !== side || channels !== 3) {
      const size = `${height} × ${width} with ${channels} channels`;
      throw new RangeError(`${source.nameOf(index)} is ${size}; ${side} × ${side} in colour is needed`);
    }
    images.data.set(data, position * pixels);
    // Rendering never waits: without a pause, Ctrl-C would not be seen before all is done.
    if (position % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
  }
  const chosen = (values: ArrayLike<number>) => Int32Array.from(indices, (index) => values[index]!);
  const facts = (name: string) => chosen(source.attributes[name]?.of ?? []);
  const labels = hostTensor("int32", [indices.length], chosen(source.labels));
  return { images, labels, classes: source.classes.length, textures: facts("texture"), groups: facts("group") };
}

/** Some images of a set with their labels, in the order given. */
export function takeImages(
  { images, labels }: ImageSet,
  indices: ArrayLike<number>,
): { images: HostTensor<"uint8">; labels: HostTensor<"int32"> } {
  const [, ...shape] = images.shape;
  const size = shape.reduce((product, axis) => product * axis, 1);
  const chosen = hostTensor("uint8", [indices.length, ...shape]);
  const classes = hostTensor("int32", [indices.length]);
  for (let position = 0; position < indices.length; position++) {
    const index = indices[position]!;
    chosen.data.set(images.data.subarray(index * size, (index + 1) * size), position * size);
    classes.data[position] = labels.data[index]!;
  }
  return { images: chosen, labels: classes };
}
