import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { printGraph } from "../src/graph/print.ts";
import { jit } from "../src/jit/jit.ts";
import { valueAndGrad } from "../src/value-and-grad.ts";
import { difference, eagerly, jitted } from "./support/compare.ts";
import { as, variants } from "./support/engines.ts";
import { axisSizes, RandomProgram } from "./support/random-program.ts";

const tapes = fc.array(fc.array(fc.nat({ max: 2 ** 16 }), { minLength: 4, maxLength: 14 }), {
  minLength: 4,
  maxLength: 16,
});
// VITSCALE_RUNS asks for more programs, VITSCALE_SEED for others.
const options = { numRuns: Number(process.env.VITSCALE_RUNS ?? 60), seed: Number(process.env.VITSCALE_SEED ?? 1) };

/** Values of a program, and the gradient of a loss over them by all of its float arguments. */
const stepOf =
  (program: RandomProgram) =>
  (...inputs: tf.Tensor[]) => {
    const floats = inputs.filter((x) => x.dtype === "float32");
    const others = inputs.filter((x) => x.dtype !== "float32");
    const loss = (parameters: tf.Tensor[]) => {
      const all = [...parameters];
      const rest = [...others];
      return program.loss(inputs.map((x) => (x.dtype === "float32" ? all.shift() : rest.shift()) as tf.Tensor));
    };
    const { value, gradients } = valueAndGrad(loss)(floats);
    return { values: program.run(inputs), value, gradients };
  };

beforeAll(() => tf.setBackend("cpu"));

describe.each(variants)("random programs of 3 to 15 kernels, compiled for $name", (variant) => {
  it.each(Object.entries(axisSizes))(
    "of %s axes equal eager tfjs-cpu, and so do their gradients",
    async (_, sizes) => {
      await fc.assert(
        fc.asyncProperty(tapes, async (decisions) => {
          const program = new RandomProgram(decisions, sizes);
          const step = stepOf(program);
          const expected = eagerly(step, program.inputs);
          const actual = await as(variant, () => jitted(step, program.inputs, variant.engine));
          const found = difference(actual, expected, { relative: 2e-4 });
          if (found === undefined) return;
          const { graph } = jit(step);
          throw new Error(`${found}\n${printGraph(graph(...(program.inputs as never[])))}`);
        }),
        options,
      );
    },
    300_000,
  );
});
