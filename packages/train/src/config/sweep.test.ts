import { mixup } from "@vitscale/data";
import { describe, expect, expectTypeOf, it } from "vitest";
import tiny from "../../test/tiny-config.ts";
import { type Axes, type FieldPath, grid } from "./grid.ts";
import { sweepOf } from "./sweep.ts";
import type { TrainConfig } from "./train-config.ts";

const base: TrainConfig = tiny;

describe("a grid", () => {
  it("holds every combination, the last axis fastest, and names each after its values", () => {
    const configs = grid(base, { learningRate: [1e-3, 3e-3], "model.qkNorm": ["none", "rms"], seed: [0, 1] });
    expect(configs.map(({ name }) => name)).toEqual([
      "learningRate=0.001-qkNorm=none-seed=0",
      "learningRate=0.001-qkNorm=none-seed=1",
      "learningRate=0.001-qkNorm=rms-seed=0",
      "learningRate=0.001-qkNorm=rms-seed=1",
      "learningRate=0.003-qkNorm=none-seed=0",
      "learningRate=0.003-qkNorm=none-seed=1",
      "learningRate=0.003-qkNorm=rms-seed=0",
      "learningRate=0.003-qkNorm=rms-seed=1",
    ]);
    expect(configs[6]).toEqual({
      ...base,
      name: "learningRate=0.003-qkNorm=rms-seed=0",
      learningRate: 3e-3,
      model: { ...base.model, qkNorm: "rms" },
      seed: 0,
    });
  });

  it("takes whole objects, which are named by their kind", () => {
    const configs = grid({ ...base, name: "x" }, { optimizer: [{ kind: "sgd" }, { kind: "adamw", weightDecay: 0.1 }] });
    expect(configs.map(({ name, optimizer }) => [name, optimizer?.kind])).toEqual([
      ["x-optimizer=sgd", "sgd"],
      ["x-optimizer=adamw", "adamw"],
    ]);
  });

  it("knows the fields and their types", () => {
    expectTypeOf<"optimizer.weightDecay">().toExtend<FieldPath<TrainConfig>>();
    expectTypeOf<"optimizer.weightDeccay">().not.toExtend<FieldPath<TrainConfig>>();
    expectTypeOf<Axes["model.qkNorm"]>().toEqualTypeOf<readonly ("none" | "rms" | "layer")[] | undefined>();
    expectTypeOf<NonNullable<Axes["optimizer.momentum"]>[number]>().toEqualTypeOf<number | undefined>();
  });

  it("refuses an axis without values, and values given twice", () => {
    expect(() => grid(base, { seed: [] })).toThrow("the axis seed has no values");
    expect(() => grid(base, { seed: [1, 1] })).toThrow("two combinations are named seed=1; give each value once");
  });
});

describe("what a configuration file asks for", () => {
  it("is one run, or several in a group named after the file", () => {
    expect(sweepOf(base, "configs/wide.ts")).toMatchObject({ configs: [{ name: "wide", seed: 0 }] });
    expect(sweepOf(base, "configs/wide.ts").group).toBeUndefined();
    const { group, configs } = sweepOf([base, { ...base, name: "own" }], "configs/wide.ts", {
      overrides: ["steps=70"],
    });
    expect(group).toBe("wide");
    expect(configs.map(({ name, steps }) => [name, steps])).toEqual([
      ["wide-1", 70],
      ["own", 70],
    ]);
  });

  it("loses by null what it need not have, and keeps what null is a value of", () => {
    const mixed = {
      ...base,
      data: { ...base.data, mix: mixup({ alpha: 0.2 }), subset: { kind: "range", to: 8 } as const },
    };
    const overrides = [
      "data.mix=null",
      "data.subset=null",
      "evaluations.validation=null",
      "clipNorm=null",
      "seed=null",
    ];
    const [config] = sweepOf(mixed, "wide.ts", { overrides }).configs;
    expect(config).toMatchObject({ data: base.data, evaluations: {}, clipNorm: null, seed: 0 });
    expect(Object.keys(config!.data)).toEqual(Object.keys(base.data));
    expect(() => sweepOf(base, "wide.ts", { overrides: ["data.source=null"] })).toThrow("data.source is null; it must");
  });

  it("is repeated for each seed", () => {
    const { group, configs } = sweepOf(base, "wide.ts", { seeds: [3, 4] });
    expect(group).toBe("wide");
    expect(configs.map(({ name, seed }) => [name, seed])).toEqual([
      ["wide-seed=3", 3],
      ["wide-seed=4", 4],
    ]);
  });

  it.each([
    [[], "wide.ts exports an empty list"],
    [[base, { ...base, stesp: 1 }], 'wide.ts[1]: stesp is no known field; did you mean "steps"?'],
    [[base, 5], "wide.ts has no configuration as its default export"],
    [
      [
        { ...base, name: "a" },
        { ...base, name: "a" },
      ],
      'wide.ts: two runs are named "a"',
    ],
    [{ ...base, name: "a/b" }, 'wide.ts: "a/b" is no name for a run'],
  ])("is checked: %#", (exported, message) => {
    expect(() => sweepOf(exported, "wide.ts")).toThrow(message);
  });
});
