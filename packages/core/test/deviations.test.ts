import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { deviations } from "./cases/deviations.ts";
import { difference, eagerly, jitted } from "./support/compare.ts";
import { as, variants } from "./support/engines.ts";

const exact = { relative: 1e-6 };

beforeAll(() => tf.setBackend("cpu"));

describe.each(deviations)("$what", ({ f, inputs, expected }) => {
  const wanted = new Map([["", expected]]);

  it.each(variants)("is right when compiled for $name", async (variant) => {
    expect(difference(await as(variant, () => jitted(f, inputs, variant.engine)), wanted, exact)).toBe(undefined);
  });

  it("is not on eager tfjs-cpu, or the note is out of date", () => {
    const answer = () => {
      const found = difference(eagerly(f, inputs), wanted, exact);
      if (found !== undefined) throw new Error(found);
    };
    expect(answer).toThrow();
  });
});
