import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { deviations } from "./cases/deviations.ts";
import { difference, eagerly, jitted } from "./support/compare.ts";
import { as, variants } from "./support/engines.ts";

const exact = { relative: 1e-6 };

beforeAll(() => tf.setBackend("cpu"));

describe.each(deviations)("$what", ({ f, inputs, expected }) => {
  it.each(variants)("is right when compiled for $name", async (variant) => {
    const answer = as(variant, () => jitted(f, inputs, variant.engine));
    if (typeof expected === "string") await expect(answer).rejects.toThrow(expected);
    else expect(difference(await answer, new Map([["", expected]]), exact)).toBe(undefined);
  });

  it("is not on eager tfjs-cpu, or the note is out of date", () => {
    const answer = () => eagerly(f, inputs);
    // What a program refuses, tfjs answers.
    if (typeof expected === "string") return expect(answer).not.toThrow();
    expect(() => expect(difference(answer(), new Map([["", expected]]), exact)).toBe(undefined)).toThrow();
  });
});
