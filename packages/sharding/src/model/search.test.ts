import type * as tf from "@tensorflow/tfjs-core";
import { jit } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { meshRank } from "../communicator.ts";
import { shapeOnly } from "../layout/shape-only.ts";
import { parallelLinear } from "../linear/linear.ts";
import { createMesh } from "../mesh.ts";
import { cutProgram } from "../program/cut.ts";
import { forecastStep } from "./forecast.ts";
import { predict } from "./predict.ts";
import { meshesOf, searchMesh } from "./search.ts";

describe("the search for a mesh", () => {
  it("goes through all ways to share ranks", () => {
    expect(meshesOf(8, ["data", "model"])).toEqual([
      { data: 8, model: 1 },
      { data: 4, model: 2 },
      { data: 2, model: 4 },
      { data: 1, model: 8 },
    ]);
    // Ordered factorisations of 2⁵ into 3 factors: the ways to put 5 twos on 3 axes.
    expect(meshesOf(32, ["a", "b", "c"])).toHaveLength(21);
  });

  it("finds the minimum of a closed form, within the memory that there is", () => {
    // Seconds 16/data + data/4 + model: of 64 ranks, smallest where… each mesh by hand: 64×1 17.25, 32×2 10.5, 16×4 9, 8×8 12.
    const question = (memory: number) =>
      searchMesh({
        size: 64,
        axes: ["data", "model"],
        memory,
        forecast: ({ axes: { data, model } }) => {
          if (model > 8) throw new RangeError(`${model} ranks cannot share 8 heads`);
          return { seconds: 16 / data + data / 4 + model, bytes: 100 / model };
        },
      });
    const { best, candidates, refused } = question(100);
    expect(best?.mesh.axes).toEqual({ data: 16, model: 4 });
    expect(candidates.map(({ mesh, forecast }) => [mesh.axes.model, forecast.seconds])).toEqual([
      [4, 9],
      [2, 10.5],
      [8, 12],
      [1, 17.25],
    ]);
    expect(refused.map(({ axes }) => axes.model)).toEqual([16, 32, 64]);
    expect(refused[0]?.reason).toBe("16 ranks cannot share 8 heads");
    // 100/8 = 12.5 bytes fit, 25 do not, however fast.
    expect(question(20).best?.mesh.axes.model).toBe(8);
    expect(question(20).candidates.map(({ fits }) => fits)).toEqual([true, false, false, false]);
    expect(question(1).best).toBeUndefined();
  });

  it("lets errors of other kinds through", () => {
    const forecast = () => {
      throw new TypeError("a mistake");
    };
    expect(() => searchMesh({ size: 2, axes: ["data"], memory: 1, forecast })).toThrow("a mistake");
  });
});

describe("a deep program", () => {
  const ranks = 4;
  const group = meshRank(createMesh({ model: ranks }), 0).group("model");
  // Layers [8, 32]·[32, 32], one after the other, each in a ring.
  const record = (depth: number) =>
    jit((x: tf.Tensor, kernels: tf.Tensor[]) =>
      kernels.reduce((y, kernel) => parallelLinear(y, { kernel }, group, { layout: "gather", form: "ring" }), x),
    ).graph(
      shapeOnly([8, 8]),
      Array.from({ length: depth }, () => shapeOnly([32, 8])),
    );
  // A product of one block takes a second, its transfer three.
  const machine = {
    device: { productFlops: 2 * 8 * 8 * 8, bytesPerSecond: Infinity },
    links: { model: { bytesPerSecond: (4 * 8 * 8) / 3, latency: 0 } },
  };

  it("takes what each of its blocks takes", () => {
    // (k − 1)·3 + 1 seconds a layer.
    const forecast = forecastStep({ record, depth: 12 }, machine);
    expect(forecast.seconds).toBeCloseTo(12 * 10, 9);
    expect(forecast.computing).toBeCloseTo(12 * 4, 9);
    expect(forecast.transferring).toBeCloseTo(12 * 9, 9);
    expect(forecast.seconds).toBeCloseTo(predict(cutOf(12), machine).seconds, 9);
  });

  it("has at least two", () => {
    expect(() => forecastStep({ record, depth: 1 }, machine)).toThrow("a program of 1 blocks repeats nothing");
  });

  const cutOf = (depth: number) => cutProgram(record(depth));
});
