import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it, vi } from "vitest";
import { checkpointFiles } from "../src/checkpoints/files.ts";
import { resolveConfig } from "../src/config/train-config.ts";
import { readRunInfo, runPaths } from "../src/runs/info.ts";
import { train } from "../src/trainer.ts";
import { outcomeOf } from "./compare.ts";
import { startProgram } from "./program.ts";
import tiny from "./tiny-config.ts";

const scratch = mkdtempSync(join(tmpdir(), "vitscale-cli-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const config = join(import.meta.dirname, "tiny-config.ts");

// crash.test.ts has the moments that random kills seldom meet, and soak.ts kills as often as one likes.
it("a run that is killed and stopped ends, when it is resumed, as an undisturbed one", async () => {
  const [whole, disturbed] = ["whole", "disturbed"].map((name) => join(scratch, name)) as [string, string];
  await train(resolveConfig({ ...tiny, steps: 144 }, "tiny-config"), { out: whole, stream: { write: () => true } });

  const resume = () => startProgram("train", config, "--out", disturbed, "--resume", "--steps", "144");
  const killed = resume();
  // A step takes less than a write, so that a kill soon after the start would find no checkpoint.
  await vi.waitUntil(() => checkpointFiles(runPaths(disturbed).checkpoints).length > 0, {
    interval: 1,
    timeout: 60_000,
  });
  await sleep(50 * Math.random());
  killed.child.kill("SIGKILL");
  expect((await killed.ended).signal).toBe("SIGKILL");
  expect(readRunInfo(disturbed).status).toBe("running");

  const stopped = resume();
  await stopped.printed(/step 96\/144/);
  stopped.child.kill("SIGTERM");
  const { code, output } = await stopped.ended;
  expect(output).toMatch(/resumed at step \d+/);
  expect(output).toContain("SIGTERM: finishing the step, then writing a checkpoint; once more to end at once");
  expect(code).toBe(143);
  expect(readRunInfo(disturbed)).toMatchObject({ status: "interrupted" });

  const resumed = await resume().ended;
  expect(resumed).toMatchObject({ code: 0, output: expect.stringContaining("finished at step 144 of 144") });
  expect(readRunInfo(disturbed).resumed.length).toBeGreaterThanOrEqual(2);
  expect(await outcomeOf(disturbed)).toEqual(await outcomeOf(whole));
}, 600_000);
