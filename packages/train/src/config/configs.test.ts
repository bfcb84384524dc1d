import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkTrainConfig } from "./check-config.ts";

// The configurations of the repository, beside the packages.
const folder = join(import.meta.dirname, "../../../../configs");

describe.each(readdirSync(folder).filter((name) => name.endsWith(".ts")))("configs/%s", (name) => {
  it("is a valid configuration of plain data", async () => {
    const { default: config } = await import(join(folder, name));
    checkTrainConfig(config, name);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });
});
