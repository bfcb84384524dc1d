import { generatedShapes } from "@vitscale/data";
import { vit22b } from "@vitscale/vit";
import { expect, it } from "vitest";
import { resolveConfig, type TrainConfig } from "./train-config.ts";

it("takes a field that is undefined for one that was left out", () => {
  const data = { source: generatedShapes({ length: 4, side: 16 }) };
  const config: TrainConfig = {
    model: vit22b("mu/4", { imageSide: 16, classes: 4 }),
    data,
    batchSize: 4,
    steps: 9,
    learningRate: 1e-3,
    schedule: { kind: "constant" },
    evaluations: { validation: { data } },
  };
  const leftOpen: unknown = {
    ...config,
    ...{ name: undefined, clipNorm: undefined, logEverySteps: undefined, optimizer: undefined },
    data: { ...data, last: undefined },
    loader: { cacheBytes: undefined },
    schedule: { kind: "constant", warmupSteps: undefined },
    evaluations: { validation: { data, everySteps: undefined, suites: undefined } },
    checkpoints: { everySteps: undefined, keep: undefined, best: undefined },
    stability: { rollbacks: undefined },
  };
  expect(resolveConfig(leftOpen as TrainConfig, "run")).toStrictEqual(resolveConfig(config, "run"));
});
