import type { Outline } from "./outlines.ts";

/** x' = xx x + xy y + x0, y' = yx x + yy y + y0: from the square of an outline to pixels. */
export interface Placement {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

/** Lines at which a row of pixels is cut: enough for smooth edges, as widths along a line are exact. */
const linesPerRow = 8;

/**
 * The share of each pixel that an outline covers: `[side, side]`, 0 to 1.
 *
 * Each line adds, where it crosses an edge, the part of the pixel to the right of the crossing, with the sign of the edge's
 * direction; running sums along the rows turn these steps into coverage (the accumulation buffer of font rasterisers).
 */
export function coverage(outline: Outline, { xx, xy, x0, yx, yy, y0 }: Placement, side: number): Float32Array {
  // One more column takes what begins right of the image.
  const steps = new Float32Array(side * (side + 2));
  for (const points of outline) {
    const count = points.length / 2;
    for (let i = 0; i < count; i++) {
      const j = i + 1 === count ? 0 : i + 1;
      const [px, py, qx, qy] = [points[2 * i]!, points[2 * i + 1]!, points[2 * j]!, points[2 * j + 1]!];
      const fromY = (yx * px + yy * py + y0) * linesPerRow;
      const toY = (yx * qx + yy * qy + y0) * linesPerRow;
      if (fromY === toY) continue;
      const fromX = xx * px + xy * py + x0;
      const slope = (xx * qx + xy * qy + x0 - fromX) / (toY - fromY);
      const weight = (fromY < toY ? 1 : -1) / linesPerRow;
      // Lines lie at half-integers; one that passes through a corner belongs to the edge below it.
      const first = Math.max(0, Math.ceil(Math.min(fromY, toY) - 0.5));
      const end = Math.min(side * linesPerRow, Math.ceil(Math.max(fromY, toY) - 0.5));
      for (let line = first; line < end; line++) {
        const x = Math.min(side, Math.max(0, fromX + slope * (line + 0.5 - fromY)));
        const column = x | 0;
        const at = ((line / linesPerRow) | 0) * (side + 2) + column;
        const right = (x - column) * weight;
        steps[at]! += weight - right;
        steps[at + 1]! += right;
      }
    }
  }
  const covered = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    let sum = 0;
    for (let column = 0; column < side; column++) {
      sum += steps[row * (side + 2) + column]!;
      covered[row * side + column] = Math.min(1, Math.abs(sum));
    }
  }
  return covered;
}
