import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { tfjsEngine } from "../src/engines/tfjs/engine.ts";
import { cases } from "./cases/all.ts";
import type { KernelCase } from "./cases/case.ts";
import { difference, eagerly, jitted } from "./support/compare.ts";
import { as, variants } from "./support/engines.ts";
import { draw, edges } from "./support/inputs.ts";
import { recordable } from "./support/recordable.ts";

const kernels = [...new Set(cases.map(({ kernel }) => kernel))].sort();

beforeAll(() => tf.setBackend("cpu"));

describe("the cases", () => {
  it("cover every kernel that can be recorded, and no other", () => {
    expect(kernels).toEqual(recordable);
  });

  it.each(kernels)("of %s run it", async (kernel) => {
    for (const { about, f, inputs } of cases.filter((each) => each.kernel === kernel)) {
      const { kernelNames } = await tf.profile(() => {
        eagerly(f, draw(inputs));
        return tf.scalar(0);
      });
      expect(kernelNames, about).toContain(kernel);
    }
  });
});

describe.each(variants)("compiled for $name", (variant) => {
  it.each(kernels)("%s equals eager tfjs-cpu", async (kernel) => {
    const differences: string[] = [];
    for (const { about, f, inputs, reference = f } of cases.filter((each) => each.kernel === kernel)) {
      const values = draw(inputs);
      const actual = await as(variant, () => jitted(f, values, variant.engine));
      const found = difference(actual, eagerly(reference, values), { relative: 1e-5 });
      if (found !== undefined) differences.push(`${about}: ${found}`);
    }
    expect(differences.join("\n")).toBe("");
  });
});

describe("compiled for tfjs-wasm", () => {
  const wasm = tfjsEngine("wasm");
  // XNNPACK's maximum, minimum and sign do not pass on what is not a number.
  const isTame = ({ inputs }: KernelCase) => inputs.every(({ values }) => values !== edges);
  it.each(kernels)("%s equals eager tfjs-cpu", async (kernel) => {
    const those = cases.filter((each) => each.kernel === kernel);
    const { f, inputs, reference = f } = those.find(isTame) ?? (those[0] as KernelCase);
    const values = draw(inputs);
    expect(difference(await jitted(f, values, wasm), eagerly(reference, values), { relative: 1e-4 })).toBe(undefined);
  });
});
