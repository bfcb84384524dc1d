import { expect, it } from "vitest";
import { type HostTensor, hostTensor } from "../../host-tensor.ts";
import { verifyGraph } from "../verify.ts";
import { interpretValues } from "./interpret.ts";
import { randomInputs } from "./random-data.ts";
import { transformerTraining } from "./transformer.ts";

it("has the gradients of central differences", () => {
  const sizes = { depth: 2, batch: 2, tokens: 3, width: 4, heads: 2, classes: 3 };
  const graph = transformerTraining(sizes, { optimizer: false });
  verifyGraph(graph);
  const names = graph.inputs.map(({ attributes }) => attributes.name);
  const inputs = randomInputs(graph, 1);
  inputs[names.indexOf("labels")] = hostTensor("float32", [2, 3], Float32Array.of(0, 1, 0, 1, 0, 0));
  const run = (given: HostTensor[]) => interpretValues(graph, given, { rounding: "none" });
  const gradients = run(inputs).slice(1);
  const parameters = names.filter((name) => name.includes("/"));
  expect(gradients).toHaveLength(parameters.length);

  for (const [i, name] of parameters.entries()) {
    const at = names.indexOf(name);
    const original = inputs[at] as HostTensor<"float32">;
    // A step that a float32 holds exactly.
    const moved = (by: number) => {
      const data = original.data.slice();
      data[0] = (data[0] as number) + by;
      return { data, loss: run(inputs.with(at, { ...original, data }))[0]?.data[0] as number };
    };
    const [up, down] = [moved(2 ** -9), moved(-(2 ** -9))];
    const difference = (up.loss - down.loss) / ((up.data[0] as number) - (down.data[0] as number));
    expect(gradients[i]?.data[0], name).toBeCloseTo(difference, 3);
  }
});
