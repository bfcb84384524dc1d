import { bootstrap, type ResampleOptions } from "../statistics/bootstrap.ts";
import type { Estimate } from "../statistics/estimate.ts";
import type { Answers, Observer } from "./answers.ts";
import { textureOf } from "./experiments.ts";
import { sixteenClasses } from "./sixteen-classes.ts";

/** Decisions on images whose shape says one class and whose texture says another. */
export interface CueConflict {
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** [images] numbers of classes. */
  readonly shape: ArrayLike<number>;
  readonly texture: ArrayLike<number>;
  /** What each observer decided for each image, [images]; any other number is neither. */
  readonly decisions: readonly ArrayLike<number>[];
}

/** By what a model, or people, decide. */
export interface ShapeBias {
  /** Share of decisions for the shape among those for shape or texture. */
  readonly shapeBias: Estimate;
  /** Share of decisions that are for either: a bias of few decisions says little. */
  readonly decided: Estimate;
  /** Numbers of decisions for each, and of all decisions on images in conflict. */
  readonly shape: number;
  readonly texture: number;
  readonly trials: number;
  /** Within the images of one shape; classes that are never decided for are NaN. */
  readonly byClass: readonly { readonly name: string; readonly shapeBias: Estimate }[];
}

/**
 * Shape bias: of the decisions for the shape's class or the texture's, the share for the shape. Images whose two classes are the same
 * do not count. Several observers are pooled; intervals come from drawing the images again, with all decisions on each.
 *
 * Geirhos et al., "ImageNet-trained CNNs are biased towards texture; increasing shape bias improves accuracy and robustness", ICLR 2019.
 */
export function shapeBias({ classes, shape, texture, decisions }: CueConflict, options?: ResampleOptions): ShapeBias {
  const images = Array.from(shape).flatMap((own, image) => (own === texture[image] ? [] : [image]));
  const count = (cue: ArrayLike<number>) =>
    Int32Array.from(images, (image) =>
      decisions.reduce((sum, decided) => sum + (decided[image] === cue[image] ? 1 : 0), 0),
    );
  const [forShape, forTexture] = [count(shape), count(texture)];
  const sum = (counts: Int32Array) => counts.reduce((total, value) => total + value, 0);

  const { shapeBias: total, decided } = bootstrap(
    images.length,
    (weights) => {
      const [s, t, all] = [weighted(forShape, weights), weighted(forTexture, weights), sum(weights) * decisions.length];
      return { shapeBias: s / (s + t), decided: (s + t) / all };
    },
    options,
  );
  const byClass = classes.map((name, number) => {
    const own = Int32Array.from(images.keys()).filter((i) => shape[images[i]!] === number);
    const [s, t] = [own.map((i) => forShape[i]!), own.map((i) => forTexture[i]!)];
    const ratio = (weights: Int32Array) => ({
      bias: weighted(s, weights) / (weighted(s, weights) + weighted(t, weights)),
    });
    return { name, shapeBias: bootstrap(own.length, ratio, options).bias };
  });
  return {
    shapeBias: total,
    decided,
    shape: sum(forShape),
    texture: sum(forTexture),
    trials: images.length * decisions.length,
    byClass,
  };
}

/** The cue conflict of answers to the toolbox's images, for one observer or several that are pooled. */
export function cueConflictOf({ trials }: Answers, observers: readonly Observer[]): CueConflict {
  return {
    classes: sixteenClasses,
    shape: trials.category,
    texture: trials.images.map((image) => sixteenClasses.indexOf(textureOf(image))),
    decisions: observers.map(({ answers }) => answers),
  };
}

function weighted(counts: Int32Array, weights: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]! * weights[i]!;
  return sum;
}
