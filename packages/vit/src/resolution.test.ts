import { readFileSync } from "node:fs";
import { hostTensor } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { vitG } from "./config.ts";
import { init } from "./init.ts";
import { type Resampling, resampleGridMatrix, resampleMatrix } from "./resample.ts";
import { atResolution, resamplePositions } from "./resolution.ts";

const rowsOf = (from: number, to: number, method: Resampling) => {
  const { data } = resampleMatrix(from, to, method);
  return Array.from({ length: to }, (_, row) => [...data.subarray(row * from, (row + 1) * from)]);
};
const rounded = (values: Iterable<number>) => [...values].map((value) => Number(value.toFixed(3)));
const ramp = (from: number, to: number, method: Resampling) =>
  rounded(rowsOf(from, to, method).map((row) => row.reduce((sum, weight, column) => sum + weight * column, 0)));

describe("one axis", () => {
  // SciPy's zoom and jax.image.resize on 0, 1, 2, ….
  it.each([
    [3, 5, "corner-aligned", [0, 0.5, 1, 1.5, 2]],
    [4, 2, "corner-aligned", [0, 3]],
    [3, 5, "half-pixel-antialiased", [0, 0.4, 1, 1.6, 2]],
    [4, 2, "half-pixel-antialiased", [0.714, 2.286]],
    [4, 1, "corner-aligned", [0]],
  ] as const)("of %d points to %d, %s, takes a ramp to %j", (from, to, method, expected) => {
    expect(ramp(from, to, method)).toEqual(expected);
  });

  // tf.image.resize.
  it.each([
    [
      2,
      3,
      [
        [1, 0],
        [0.5, 0.5],
        [0, 1],
      ],
    ],
    [
      4,
      2,
      [
        [0.5, 0.5, 0, 0],
        [0, 0, 0.5, 0.5],
      ],
    ],
    [
      3,
      2,
      [
        [0.75, 0.25, 0],
        [0, 0.25, 0.75],
      ],
    ],
  ] as const)("of %d points to %d without antialiasing is the matrix %j", (from, to, expected) => {
    expect(rowsOf(from, to, "half-pixel")).toEqual(expected);
  });

  it.each(["corner-aligned", "half-pixel", "half-pixel-antialiased"] as const)(
    "to its own length is the identity, %s",
    (method) => {
      expect(rowsOf(3, 3, method)).toEqual([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]);
    },
  );
});

it("a grid matrix resamples both axes: every row sums to 1", () => {
  const { data } = resampleGridMatrix(4, 7, "half-pixel-antialiased");
  for (let row = 0; row < 49; row++)
    expect(data.subarray(row * 16, (row + 1) * 16).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
});

describe("position tables", () => {
  // fixtures/make_timm.py: SciPy's zoom(order=1), PyTorch's antialiased bilinear interpolation.
  const { table, cases } = JSON.parse(readFileSync(new URL("../fixtures/positions.json", import.meta.url), "utf8")) as {
    table: number[];
    cases: { grid: number; corner: number[]; antialiased: number[] }[];
  };
  const positions = hostTensor("float32", [16, 2], Float32Array.from(table));

  it.each(cases)("of 4×4 to $grid×$grid equal those of SciPy and PyTorch", ({ grid, corner, antialiased }) => {
    const difference = (method: Resampling, expected: number[]) =>
      resamplePositions(positions, grid, method).data.reduce(
        (max, value, i) => Math.max(max, Math.abs(value - expected[i]!)),
        0,
      );
    expect(difference("corner-aligned", corner)).toBeLessThan(1e-6);
    expect(difference("half-pixel-antialiased", antialiased)).toBeLessThan(1e-6);
  });

  it("with a row for a class token are refused", () => {
    expect(() => resamplePositions(hostTensor("float32", [17, 2]), 8)).toThrow(
      "a position table of 17 rows is not of a square grid; take a class token's row off",
    );
  });
});

describe("a model at another resolution", () => {
  const config = vitG("mu/8", { imageSide: 32 });
  const params = init(config, 0);

  it("has a larger table and the same parameters otherwise", () => {
    const moved = atResolution(params, config, 48);
    expect(moved.config).toEqual({ ...config, imageSide: 48 });
    expect(moved.params.positions.shape).toEqual([36, 32]);
    expect(moved.params.encoder).toBe(params.encoder);
  });

  it("is the same at the same one", () => {
    expect(atResolution(params, config, 32).params).toEqual(params);
  });

  it("needs a side that patches divide", () => {
    expect(() => atResolution(params, config, 50)).toThrow(
      "image side 50 is not a multiple of patch side 8; use 48 or 56",
    );
  });
});

it("names the methods there are", () => {
  expect(() => resampleMatrix(2, 3, "half-pixels" as Resampling)).toThrow(
    'resampling "half-pixels" is not known; did you mean "half-pixel"? The methods are corner-aligned, half-pixel, half-pixel-antialiased',
  );
});
