import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { resolveConfig } from "../src/config/train-config.ts";
import { readRunInfo } from "../src/runs/info.ts";
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
  await train(resolveConfig(tiny, "tiny-config"), { out: whole, stream: { write: () => true } });

  const killed = startProgram("train", config, "--out", disturbed, "--resume");
  await killed.printed(/step 12\/48/);
  await sleep(200 * Math.random());
  killed.child.kill("SIGKILL");
  expect((await killed.ended).signal).toBe("SIGKILL");
  expect(readRunInfo(disturbed).status).toBe("running");

  const stopped = startProgram("train", config, "--out", disturbed, "--resume");
  await stopped.printed(/step 32\/48/);
  stopped.child.kill("SIGTERM");
  const { code, output } = await stopped.ended;
  expect(output).toMatch(/resumed at step \d+/);
  expect(output).toContain("SIGTERM: finishing the step, then writing a checkpoint; once more to end at once");
  expect(code).toBe(143);
  expect(readRunInfo(disturbed)).toMatchObject({ status: "interrupted" });

  const resumed = await startProgram("train", config, "--out", disturbed, "--resume").ended;
  expect(resumed).toMatchObject({ code: 0, output: expect.stringContaining("finished at step 48 of 48") });
  expect(readRunInfo(disturbed).resumed.length).toBeGreaterThanOrEqual(2);
  expect(await outcomeOf(disturbed)).toEqual(await outcomeOf(whole));
}, 600_000);
