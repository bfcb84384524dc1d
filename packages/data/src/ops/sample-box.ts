import type { Box } from "../image.ts";
import type { Random } from "../random/random.ts";

/** Which crops are drawn: areas as shares of the image, aspect ratios as width over height. */
export interface BoxRange {
  readonly area: readonly [least: number, most: number];
  readonly aspect: readonly [least: number, most: number];
  /** Draws before the whole image is taken instead. */
  readonly attempts: number;
}

/** Rounds to the nearest integer, halves to the even one: C's `lrint` and `tf.round`. */
export function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/**
 * A random box by the rules of `tf.image.sample_distorted_bounding_box` without bounding boxes.
 *
 * The aspect ratio is uniform in its range; then the height is uniform between the heights that give the least and the
 * most area (so small crops are likelier than under torchvision's uniform area); then the place is uniform. A draw that
 * does not fit is drawn again, and after `attempts` failures the box is the whole image. As in TensorFlow, a box smaller
 * than the image never touches the last row or column it could reach.
 */
export function sampleBox(height: number, width: number, { area, aspect, attempts }: BoxRange, random: Random): Box {
  const leastArea = area[0] * height * width;
  const mostArea = area[1] * height * width;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const ratio = random.uniform(aspect[0], aspect[1]);
    const widthAt = (boxHeight: number) => roundHalfEven(boxHeight * ratio);
    const fits = (boxHeight: number) => {
      const boxArea = boxHeight * widthAt(boxHeight);
      return boxArea >= leastArea && boxArea <= mostArea;
    };

    let tallest = roundHalfEven(Math.sqrt(mostArea / ratio));
    if (widthAt(tallest) > width) tallest = Math.floor((width + 0.5 - 1e-7) / ratio);
    if (widthAt(tallest) > width) tallest -= 1;
    tallest = Math.min(tallest, height);
    const shortest = Math.min(roundHalfEven(Math.sqrt(leastArea / ratio)), tallest);

    let boxHeight = shortest + random.integer(tallest - shortest + 1);
    // Rounding may have pushed the area just past a bound: one row more or less brings it back.
    if (boxHeight * widthAt(boxHeight) < leastArea) boxHeight += 1;
    if (boxHeight * widthAt(boxHeight) > mostArea) boxHeight -= 1;
    const boxWidth = widthAt(boxHeight);
    if (!fits(boxHeight) || boxWidth > width || boxHeight > height || boxWidth < 1 || boxHeight < 1) continue;

    const top = boxHeight < height ? random.integer(height - boxHeight) : 0;
    const left = boxWidth < width ? random.integer(width - boxWidth) : 0;
    return { top, left, height: boxHeight, width: boxWidth };
  }
  return { top: 0, left: 0, height, width };
}
