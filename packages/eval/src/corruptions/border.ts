/** What lies beyond the first and last pixel of an axis. */
export type Border =
  /** The outermost pixel, on and on: a a | a b c. */
  | "nearest"
  /** The image mirrored between pixels: b a | a b c (SciPy's `reflect`). */
  | "symmetric"
  /** The image mirrored at its outermost pixel: c b | a b c (OpenCV's default). */
  | "reflect";

/** The pixel of an axis of `length` that stands at a position on or beyond it. */
export function pixelAt(position: number, length: number, border: Border): number {
  if (position >= 0 && position < length) return position;
  if (border === "nearest" || length === 1) return position < 0 ? 0 : length - 1;
  const period = border === "symmetric" ? 2 * length : 2 * length - 2;
  const place = ((position % period) + period) % period;
  if (place < length) return place;
  return border === "symmetric" ? period - 1 - place : period - place;
}
