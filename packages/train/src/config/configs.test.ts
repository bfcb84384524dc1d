import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkTrainConfig } from "./check-config.ts";
import { sweepOf } from "./sweep.ts";

// The configurations of the repository, beside the packages.
const folder = join(import.meta.dirname, "../../../../configs");

describe.each(readdirSync(folder).filter((name) => name.endsWith(".ts")))("configs/%s", (name) => {
  it("is a valid configuration of plain data", async () => {
    const { default: config } = await import(join(folder, name));
    checkTrainConfig(config, name);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });
});

const studies = join(folder, "ablations");

// What studies vary or begin with.
const alone = ["base.ts", "pretrained.ts"];

describe.each(readdirSync(studies))("configs/ablations/%s", (name) => {
  it("is a study of valid configurations, each with a name of its own", async () => {
    const { default: exported } = await import(join(studies, name));
    const { configs } = sweepOf(exported, name);
    expect(configs.length).toBeGreaterThan(alone.includes(name) ? 0 : 1);
    expect(JSON.parse(JSON.stringify(exported))).toEqual(exported);
  });
});
