import { expect, it } from "vitest";
import { applyOverrides } from "./overrides.ts";

const config = { steps: 100, schedule: { kind: "cosine", warmupSteps: 5 }, decay: [["a", 1]] };

it("replaces values by path and leaves the original as it was", () => {
  const overridden = applyOverrides(config, [
    "steps=200",
    "schedule.kind=linear",
    "decay.0.1=2.5e-1",
    "new.deep=[true]",
  ]);
  expect(overridden).toEqual({
    steps: 200,
    schedule: { kind: "linear", warmupSteps: 5 },
    decay: [["a", 0.25]],
    new: { deep: [true] },
  });
  expect(config.steps).toBe(100);
});

it("knows the names that other trainers have", () => {
  const named = { learningRate: 1e-3, optimizer: { kind: "adamw", weightDecay: 0 }, model: { lr: 1 } };
  expect(applyOverrides(named, ["train.lr=3e-4", "wd=0.1", "train.model.lr=2"])).toEqual({
    learningRate: 3e-4,
    optimizer: { kind: "adamw", weightDecay: 0.1 },
    model: { lr: 2 },
  });
});

it("takes fields out by null where it is told that null means that", () => {
  const isLeftOut = (_: unknown, path: string) => path === "schedule.warmupSteps";
  expect(applyOverrides(config, ["schedule.warmupSteps=null", "steps=null"], isLeftOut)).toEqual({
    steps: null,
    schedule: { kind: "cosine" },
    decay: [["a", 1]],
  });
});

it("keeps everything after the first = as the value", () => {
  expect(applyOverrides({ path: "" }, ["path=a=b"])).toEqual({ path: "a=b" });
});

it("explains what it cannot do", () => {
  expect(() => applyOverrides(config, ["steps"])).toThrow(
    "--set steps: write the path of a field and a value, such as --set batchSize=64",
  );
  expect(() => applyOverrides(config, ["steps.x=1"])).toThrow(
    '--set steps.x=1: there are no fields in 100, so none is called "x"',
  );
  expect(() => applyOverrides(config, ["decay.3=1"])).toThrow('--set decay.3=1: the list at "3" has places 0 to 0');
});
