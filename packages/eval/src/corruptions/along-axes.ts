import type { AxisWeights } from "@vitscale/data";
import { type Border, pixelAt } from "./border.ts";
import type { Raster } from "./raster.ts";

/**
 * Smoothing by a Gaussian along an axis, cut off after `truncate` standard deviations (SciPy's `gaussian_filter1d`).
 *
 * What a long kernel reaches beyond the border is folded back into the axis, so no row of weights is longer than the axis.
 */
export function gaussianWeights(length: number, deviation: number, border: Border, truncate = 4): AxisWeights {
  const radius = Math.floor(truncate * deviation + 0.5);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / deviation) ** 2));
  const total = kernel.reduce((sum, weight) => sum + weight);
  const taps = Math.min(length, kernel.length);
  const starts = new Int32Array(length);
  const weights = new Float64Array(length * taps);
  for (let position = 0; position < length; position++) {
    const start = Math.max(0, Math.min(length - taps, position - radius));
    starts[position] = start;
    for (const [i, weight] of kernel.entries()) {
      weights[position * taps + pixelAt(position + i - radius, length, border) - start]! += weight / total;
    }
  }
  return { taps, starts, weights };
}

/** Linear interpolation that keeps the centres of the outermost pixels where they are (SciPy's `zoom` of order 1). */
export function zoomWeights(from: number, to: number): AxisWeights {
  const taps = Math.min(from, 2);
  const starts = new Int32Array(to);
  const weights = new Float64Array(to * taps);
  for (let position = 0; position < to; position++) {
    const place = to === 1 ? 0 : (position * (from - 1)) / (to - 1);
    const start = Math.min(Math.floor(place), from - taps);
    starts[position] = start;
    weights[position * taps] = 1 - (place - start);
    if (taps === 2) weights[position * taps + 1] = place - start;
  }
  return { taps, starts, weights };
}

/** The mean of the pixels whose centres lie in the interval of an output pixel, at least one (PIL's `BOX`). */
export function boxWeights(from: number, to: number): AxisWeights {
  const scale = from / to;
  const reach = Math.max(1, scale) / 2;
  const taps = Math.min(from, Math.ceil(2 * reach) + 1);
  const starts = new Int32Array(to);
  const weights = new Float64Array(to * taps);
  for (let position = 0; position < to; position++) {
    const centre = (position + 0.5) * scale;
    const start = Math.max(0, Math.min(from - taps, Math.floor(centre - reach + 0.5)));
    starts[position] = start;
    const row = weights.subarray(position * taps, (position + 1) * taps);
    for (let tap = 0; tap < taps; tap++) {
      const distance = start + tap + 0.5 - centre;
      if (distance > -reach && distance <= reach) row[tap] = 1;
    }
    const count = row.reduce((sum, weight) => sum + weight);
    for (let tap = 0; tap < taps; tap++) row[tap]! /= count;
  }
  return { taps, starts, weights };
}

/** A raster resampled along its rows, `between` applied to the result, then along its columns. */
export function alongAxes(
  raster: Raster,
  alongRows: AxisWeights,
  alongColumns: AxisWeights,
  between: (value: number) => number = (value) => value,
): Raster {
  const { height, channels, data } = raster;
  const width = alongRows.starts.length;
  const rows = new Float64Array(height * width * channels);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const first = (row * raster.width + alongRows.starts[column]!) * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let tap = 0; tap < alongRows.taps; tap++) {
          sum += alongRows.weights[column * alongRows.taps + tap]! * data[first + tap * channels + channel]!;
        }
        rows[to++] = between(sum);
      }
    }
  }
  const { taps, starts, weights } = alongColumns;
  const stride = width * channels;
  const result = new Float64Array(starts.length * stride);
  for (let row = 0; row < starts.length; row++) {
    const sums = result.subarray(row * stride, (row + 1) * stride);
    for (let tap = 0; tap < taps; tap++) {
      const weight = weights[row * taps + tap]!;
      const from = (starts[row]! + tap) * stride;
      if (weight !== 0) for (let i = 0; i < stride; i++) sums[i]! += weight * rows[from + i]!;
    }
  }
  return { height: starts.length, width, channels, data: result };
}

/** Smoothed along both axes. */
export function gaussianBlurred(raster: Raster, deviation: number, border: Border = "nearest", truncate = 4): Raster {
  if (deviation === 0) return raster;
  return alongAxes(
    raster,
    gaussianWeights(raster.width, deviation, border, truncate),
    gaussianWeights(raster.height, deviation, border, truncate),
  );
}

/** The middle of a raster, enlarged by `factor` (1 or more) to the size of the whole by linear interpolation. */
export function zoomedIn({ height, width, channels, data }: Raster, factor: number): Raster {
  const [rows, columns] = [zoomedSpan(height, factor), zoomedSpan(width, factor)];
  const middle = new Float64Array(rows.part * columns.part * channels);
  for (let row = 0; row < rows.part; row++) {
    const from = ((rows.start + row) * width + columns.start) * channels;
    middle.set(data.subarray(from, from + columns.part * channels), row * columns.part * channels);
  }
  const part = { height: rows.part, width: columns.part, channels, data: middle };
  return alongAxes(part, columns.weights, rows.weights);
}

/** The part of an axis that is enlarged, and the weights that fill the axis from it. */
function zoomedSpan(length: number, factor: number) {
  const part = Math.ceil(length / factor);
  const enlarged = Math.max(length, Math.round(part * factor));
  const trimmed = Math.floor((enlarged - length) / 2);
  const { taps, starts, weights } = zoomWeights(part, enlarged);
  return {
    start: Math.floor((length - part) / 2),
    part,
    weights: {
      taps,
      starts: starts.subarray(trimmed, trimmed + length),
      weights: weights.subarray(trimmed * taps, (trimmed + length) * taps),
    },
  };
}
