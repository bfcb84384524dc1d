import type { Places } from "../claim.ts";
import { type Cifar10Folder, type Cifar10Images, cifar10Set, findCifar10 } from "./cifar10.ts";
import { type ImageSet, type ShapesOptions, shapesSet } from "./shapes.ts";

/** Which images: the project's own, or those of a data set. */
export type ImagesOptions = ShapesOptions | Cifar10Images;

const isCifar10 = (options: ImagesOptions): options is Cifar10Images => "digest" in options;

/** Reads or renders images, once for all claims of a run. */
export function imageSet(options: ImagesOptions): Promise<ImageSet> {
  return isCifar10(options) ? cifar10Set(options) : shapesSet(options);
}

/** Other images of the same statistics, for measuring what was trained on these. */
export function testImagesOf(options: ImagesOptions, count: number): ImagesOptions {
  if (isCifar10(options)) return { ...options, split: "test", first: 0, count };
  return { ...options, count, seed: options.seed + 1 };
}

/** Images to train on by a claim that takes CIFAR-10 where the user has it, and generated shapes where not. */
export interface ChosenImages {
  readonly images: ImagesOptions;
  /** Number of classes. */
  readonly classes: number;
}

/** The first `count` training images of CIFAR-10, or as many generated shapes; 32 × 32 either way. */
export async function chooseImages(count: number, places: Places): Promise<ChosenImages> {
  const cifar10 = await findCifar10(places);
  if (cifar10 === undefined) return { images: { count, side: 32, seed: 0 }, classes: 16 };
  return { images: trainingImages(cifar10, 0, count), classes: 10 };
}

/** As many images that none of these was trained on, to fit something else on: of the same kind. @param seed of generated ones */
export function moreImages(options: ImagesOptions, count: number, seed: number): ImagesOptions {
  if (isCifar10(options)) return trainingImages(options, options.first + options.count, count);
  return { ...options, count, seed };
}

const trainingImages = ({ folder, digest }: Cifar10Folder, first: number, count: number): Cifar10Images => ({
  ...{ folder, digest, split: "train", first, count },
});

/** What a row of the report calls them: `CIFAR-10`, `generated shapes`. */
export const nameOfImages = (options: ImagesOptions) => (isCifar10(options) ? "CIFAR-10" : "generated shapes");
