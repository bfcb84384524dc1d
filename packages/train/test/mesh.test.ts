import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCheckpoint } from "../src/checkpoints/file.ts";
import { findCheckpoint } from "../src/checkpoints/files.ts";
import { main } from "../src/cli/main.ts";
import { readRunInfo } from "../src/runs/info.ts";
import { startProgram } from "./program.ts";

const scratch = mkdtempSync(join(tmpdir(), "vitscale-mesh-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const config = join(import.meta.dirname, "tiny-config.ts");

/** What the program prints, in this process. */
async function printed(...args: string[]) {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const out = join(scratch, "refused");
  const code = await main(["train", config, "--out", out, ...args], { out: write, error: write });
  expect(existsSync(out)).toBe(false);
  return { code, text };
}

describe("vitscale train --mesh", () => {
  it("trains on threads, which Ctrl-C stops after the same step, with a checkpoint", async () => {
    const out = join(scratch, "threads");
    const program = startProgram("train", config, "--mesh", "model=2", "--out", out, "--logEverySteps", "1");
    await program.printed(/^step 2\//m);
    program.child.kill("SIGINT");
    const { code, output } = await program.ended;
    expect(output).toContain("rank 0 of 2 over threads");
    expect(code).toBe(130);
    const { status, step } = readRunInfo(out);
    expect(status).toBe("interrupted");
    expect(await readCheckpoint(findCheckpoint(out))).toMatchObject({ step });
  }, 120_000);

  it("refuses meshes that do not fit before anything starts", async () => {
    expect(await printed("--mesh", "2x2")).toMatchObject({
      code: 2,
      text: expect.stringContaining('--mesh "2x2" is no'),
    });
    expect(await printed("--plan")).toMatchObject({ code: 2, text: expect.stringContaining("--plan needs a mesh") });
    const { code, text } = await printed("--mesh", "data=3");
    expect([code, text]).toEqual([1, "3 data ranks cannot share batchSize 8 equally; make it 6 or 9\n"]);
  });

  it("prints a plan and trains nothing", async () => {
    const { code, text } = await printed("--mesh", "data=2,model=2", "--plan");
    expect(code).toBe(0);
    expect(text).toContain("a rank sends in a step:");
  });
});
