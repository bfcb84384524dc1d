import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf, Random } from "@vitscale/data";
import { afterAll, expect, it } from "vitest";
import { resolveConfig } from "../src/config/train-config.ts";
import { readRunInfo } from "../src/runs/info.ts";
import { train } from "../src/trainer.ts";
import { outcomeOf } from "./compare.ts";
import { killOnce } from "./kill.ts";
import { startProgram } from "./program.ts";
import tiny from "./tiny-config.ts";

const scratch = mkdtempSync(join(tmpdir(), "vitscale-cli-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Long enough for all kills: on a fast machine a step takes less than a millisecond. */
const steps = 480;
const program = [join(import.meta.dirname, "tiny-config.ts"), "--steps", `${steps}`];
const kills = 4;

// Other moments in every test run; crash.test.ts has those that kills seldom meet, and soak.ts kills as often as one likes.
it("a run that is killed again and again and stopped ends, when it is resumed, as an undisturbed one", async () => {
  const [whole, disturbed] = ["whole", "disturbed"].map((name) => join(scratch, name)) as [string, string];
  await train(resolveConfig({ ...tiny, steps }, "tiny-config"), { out: whole, stream: { write: () => true } });

  const seed = Date.now();
  const random = new Random(keyOf(seed));
  const met: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const moment =
      kill % 2 === 0
        ? ({ kind: "row", number: 1 + random.integer(2), ms: 40 * random.uniform() } as const)
        : ({ kind: "change", number: 1 + random.integer(20) } as const);
    const { where, output } = await killOnce(program, disturbed, moment);
    expect(where, `seed ${seed}, kill ${kill} came too late:\n${output}`).toBeDefined();
    met.push(where!);
  }
  const context = `seed ${seed}, killed at ${met.join(", ")}`;

  const stopped = startProgram("train", ...program, "--out", disturbed, "--resume");
  await stopped.printed(/^step \d+\//m);
  stopped.child.kill("SIGTERM");
  const { code, output } = await stopped.ended;
  expect(output, context).toContain("SIGTERM: finishing the step, then writing a checkpoint; once more to end at once");
  expect(code, context).toBe(143);
  expect(readRunInfo(disturbed), context).toMatchObject({ status: "interrupted" });

  const resumed = await startProgram("train", ...program, "--out", disturbed, "--resume").ended;
  expect(resumed, context).toMatchObject({
    code: 0,
    output: expect.stringContaining(`finished at step ${steps} of ${steps}`),
  });
  expect(readRunInfo(disturbed).resumed.length, context).toBeGreaterThanOrEqual(2);
  expect(await outcomeOf(disturbed), context).toEqual(await outcomeOf(whole));
}, 600_000);
