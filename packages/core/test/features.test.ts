import "@tensorflow/tfjs-backend-cpu";
import { readFileSync, writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { gradientCases } from "../src/gradients/testing/cases.ts";
import type { HostTensor } from "../src/host-tensor.ts";
import { cases } from "./cases/all.ts";
import type { KernelCase } from "./cases/case.ts";
import { Agreement } from "./support/agreement.ts";
import { difference, eagerly, jitted, type TensorFunction } from "./support/compare.ts";
import { as, type Column, engineColumns } from "./support/engines.ts";
import { featuresPage } from "./support/features-page.ts";
import { argumentsOf, stepOf } from "./support/gradient-calls.ts";
import { draw, edges } from "./support/inputs.ts";
import { recordable } from "./support/recordable.ts";

const kernels = [...new Set(cases.map(({ kernel }) => kernel))].sort();
const differentiable = [...new Set(gradientCases.map(({ kernel }) => kernel))].sort();

const columns = await engineColumns();
const agreement = new Agreement();
let measured = 0;

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

/** How a call differs when compiled for a column's engine; `undefined` if it does not. */
async function differenceOn(
  { variant, tolerance }: Required<Column>,
  f: TensorFunction,
  values: readonly HostTensor[],
  reference = f,
): Promise<string | undefined> {
  try {
    const actual = await as(variant, () => jitted(f, values, variant.engine));
    return difference(actual, eagerly(reference, values), { relative: tolerance });
  } catch (error) {
    return (error as Error).message;
  }
}

// The kernels of tfjs-wasm do not all pass on what is not a number.
const isTame = ({ inputs }: KernelCase) => inputs.every(({ values }) => values !== edges);

/** The calls of a kernel that are compiled for a column's engine. */
function callsFor({ calls }: Column, kernel: string): readonly KernelCase[] {
  const all = cases.filter((each) => each.kernel === kernel);
  return calls === "all" ? all : [all.find(isTame) ?? (all[0] as KernelCase)];
}

const here = columns.filter((column): column is Required<Column> => column.variant !== undefined);
const gradientsFor = ({ calls }: Column) => (calls === "all" ? differentiable : []);
describe.each(here)("compiled for $heading", (column) => {
  const { heading, mustAgree, tolerance } = column;

  it.each(kernels)("%s equals eager tfjs-cpu", async (kernel) => {
    const differences: string[] = [];
    for (const { about, f, inputs, reference } of callsFor(column, kernel)) {
      const found = await differenceOn(column, f, draw(inputs), reference);
      agreement.note(heading, kernel, "value", found === undefined);
      if (found !== undefined) differences.push(`${about}: ${found}`);
    }
    measured++;
    if (mustAgree) expect(differences.join("\n")).toBe("");
  });

  it.each(gradientsFor(column))("value and gradient of %s equal those of eager tfjs-cpu", async (kernel) => {
    const differences: string[] = [];
    for (const each of gradientCases.filter((one) => one.kernel === kernel)) {
      const found = await differenceOn({ ...column, tolerance: 2 * tolerance }, stepOf(each), argumentsOf(each));
      agreement.note(heading, kernel, "gradient", found === undefined);
      if (found !== undefined) differences.push(`${each.about}: ${found}`);
    }
    measured++;
    if (mustAgree) expect(differences.join("\n")).toBe("");
  });
});

describe("FEATURES.md", () => {
  const file = new URL("../../../FEATURES.md", import.meta.url);

  it("says what was measured here", ({ skip }) => {
    const all = here.reduce((sum, column) => sum + kernels.length + gradientsFor(column).length, 0);
    if (measured < all) skip("only some of the tests of this file ran, so the page cannot be compared with them");
    const isNew = process.env.UPDATE_FEATURES === "1";
    const earlier = readFileSync(file, "utf8");
    const page = featuresPage(agreement, columns, { earlier, isNew });
    if (isNew) writeFileSync(file, page);
    else expect(earlier, "run it with UPDATE_FEATURES=1 to write the file anew").toBe(page);
  });
});
