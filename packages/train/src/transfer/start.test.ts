import { generatedShapes } from "@vitscale/data";
import { vit22b } from "@vitscale/vit";
import { describe, expect, it } from "vitest";
import type { TrainConfig } from "../config/train-config.ts";
import { branchConfig } from "./start.ts";

describe("a branch of a run that cools down itself", () => {
  const trunk: TrainConfig = {
    model: vit22b("mu/8", { imageSide: 16, classes: 16 }),
    data: { source: generatedShapes({ length: 32, side: 16 }) },
    batchSize: 8,
    steps: 100,
    learningRate: 1e-3,
    schedule: { kind: "constant", cooldownSteps: 20 },
  };
  const branch = (step: number) => branchConfig(trunk, { run: "runs/long", step, cooldownSteps: 10 });

  it("begins no later than that, so that the rate never rises again", () => {
    expect(branch(80)).toMatchObject({ steps: 90, schedule: { kind: "constant", cooldownSteps: 10 } });
    // Half of the cool-down is over.
    expect(() => branch(90)).toThrow(
      "runs/long cools down from step 80 on: at step 90 its learning rate is 0.0005, and a branch would go back up to 0.001; " +
        "branch off at step 80 or before",
    );
  });
});
