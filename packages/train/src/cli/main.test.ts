import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { main } from "./main.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-main-"));
afterAll(() => rmSync(folder, { recursive: true }));
const empty = join(folder, "empty.ts");
writeFileSync(empty, "export default {};\n");

async function run(...argv: string[]) {
  let [out, error] = ["", ""];
  const output = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      error += text;
    },
  };
  return { code: await main(argv, output), out, error };
}

it("prints its help", async () => {
  for (const argv of [[], ["help"], ["--help"]]) {
    expect(await run(...argv)).toMatchObject({ code: 0, out: expect.stringContaining("Usage: vitscale COMMAND") });
  }
});

it("exits with 2 for wrong usage, and names the nearest option", async () => {
  expect(await run("train", empty, "--sett", "steps=1")).toEqual({
    code: 2,
    out: "",
    error:
      'vitscale train has no option --sett; did you mean "set"?\nvitscale help lists the commands and their options.\n',
  });
});

it("exits with 1 for a configuration that cannot be used, without a stack", async () => {
  const { code, error } = await run("train", empty, "--set", "stesp=1");
  expect(code).toBe(1);
  expect(error).toContain('stesp is no known field; did you mean "steps"?');
  expect(error).not.toContain("    at ");
});

it("names the nearest data set", async () => {
  expect(await run("download", "cifar-10")).toMatchObject({
    code: 2,
    error: expect.stringContaining(
      'there is no data set "cifar-10"; did you mean "cifar10"?; known are cifar10, cifar100, mnist',
    ),
  });
});

it("lists the engines with the reason for each", async () => {
  const { code, out } = await run("engines");
  expect(code).toBe(0);
  expect(out).toMatch(/^(yes|no ) {2}onnx {13}\S/);
});
