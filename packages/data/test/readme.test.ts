import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as data from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs an example as written, but for what only a module of its own could do: imports come from this package's source. */
async function run(code: string) {
  const body = code
    .replace(/import \{([^}]*)\} from "@vitscale\/data";/g, "const {$1} = data;")
    .replaceAll("import.meta.url", "moduleUrl")
    .replace(/^export /gm, "");
  await new AsyncFunction("data", "expect", "moduleUrl", body)(data, expect, import.meta.url);
}

describe("README", () => {
  it("has examples", () => {
    expect(examples.length).toBeGreaterThanOrEqual(3);
  });

  it.each(examples.map((code, i) => ({ code, i })))("example $i runs", async ({ code }) => {
    await run(code);
  });
});
