import { didYouMean } from "@vitscale/core";
import { evaluationCrop, type Op } from "@vitscale/data";
import { identityMap, type LabelMap } from "./label-map.ts";
import { imagenetA } from "./maps/imagenet-a.ts";
import { imagenetR } from "./maps/imagenet-r.ts";
import { objectNet, objectNetOthers } from "./maps/object-net.ts";
import { trimBorder } from "./trim-border.ts";

/** A data set that asks how a model of ImageNet's classes does away from its training images. */
export interface OodDataset {
  /** As in the column `dataset`. */
  readonly name: string;
  readonly title: string;
  /** From the model's classes to those of the labels. */
  readonly map: LabelMap;
  /** Names of further classes, whose images do not count; a class that is neither here nor in the map is refused. */
  readonly uncounted?: readonly string[];
  /** How images become squares in the tables of ViT-22B. */
  readonly crop: "square" | "aspect";
  /** Pixels of a border that is no part of the image. */
  readonly border?: number;
  /** Whether each image has a list of right classes. */
  readonly isMultiLabel?: boolean;
}

const imagenetClasses = identityMap(
  Array.from({ length: 1000 }, (_, label) => `${label}`),
  "imagenet",
);

/**
 * The data sets of the ViT-22B paper, section 4.3, in the order of its table. Labels of ImageNet-A, -R and ObjectNet are numbers of their
 * own classes, in the order of their maps.
 *
 * Crops: the central 75 % at the image's aspect ratio for ImageNet-A and ObjectNet; resized to a square, then the central 87.5 %, for the
 * others (Dehghani et al., "Patch n' Pack", 2023, appendix F, by the same group).
 */
export const oodDatasets: readonly OodDataset[] = [
  { name: "imagenet", title: "ImageNet", map: imagenetClasses, crop: "square" },
  { name: "imagenet-real", title: "ImageNet-ReaL", map: imagenetClasses, crop: "square", isMultiLabel: true },
  { name: "imagenet-v2", title: "ImageNet-V2", map: imagenetClasses, crop: "square" },
  { name: "objectnet", title: "ObjectNet", map: objectNet, uncounted: objectNetOthers, crop: "aspect", border: 2 },
  { name: "imagenet-r", title: "ImageNet-R", map: imagenetR, crop: "square" },
  { name: "imagenet-a", title: "ImageNet-A", map: imagenetA, crop: "aspect" },
  { name: "imagenet-sketch", title: "ImageNet-Sketch", map: imagenetClasses, crop: "square" },
];

/** The name of the images of a model of other classes than ImageNet's, in the numbering of the model. */
export const ownName = "own";

/** Images of a model's own classes: ImageNet where there are 1000. */
export function ownClasses(classes: number): OodDataset {
  if (classes === 1000) return oodDataset("imagenet");
  const names = Array.from({ length: classes }, (_, label) => `${label}`);
  return { name: ownName, title: "own classes", map: identityMap(names, "own classes"), crop: "square" };
}

/** The data set of a name. @throws RangeError naming the nearest */
export function oodDataset(name: string, datasets: readonly OodDataset[] = oodDatasets): OodDataset {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found !== undefined) return found;
  const known = datasets.map((dataset) => dataset.name);
  throw new RangeError(`there is no data set "${name}"${didYouMean(name, known)}; known are ${known.join(", ")}`);
}

/** The operations that make a square of `side` pixels of an image of a data set. */
export function oodPreprocess({ crop, border = 0 }: Pick<OodDataset, "crop" | "border">, side: number): Op[] {
  return [...(border > 0 ? [trimBorder({ pixels: border })] : []), ...evaluationCrop(side, crop)];
}
