import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCheckpoint } from "../src/checkpoints/file.ts";
import { checkpointFiles } from "../src/checkpoints/files.ts";
import { resolveConfig } from "../src/config/train-config.ts";
import { readRunInfo, runPaths } from "../src/runs/info.ts";
import { readMetrics } from "../src/runs/rows.ts";
import { train } from "../src/trainer.ts";
import tiny from "./tiny-config.ts";

const scratch = mkdtempSync(join(tmpdir(), "vitscale-cli-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const packageFolder = join(import.meta.dirname, "..");
const config = join(import.meta.dirname, "tiny-config.ts");

/** Starts the program from its source; what it prints is collected. */
function start(...args: string[]) {
  const child = spawn(process.execPath, ["--conditions=@vitscale/source", "--import", "tsx", "src/cli.ts", ...args], {
    cwd: packageFolder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, output }));
  /** Resolves when the program has printed something that matches. */
  const printed = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      const listener = () => {
        if (!pattern.test(output)) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
      void ended.then(() => resolve());
      listener();
    });
  return { child, ended, printed };
}

const numbersOf = (folder: string) =>
  readMetrics(folder).map(({ step, metrics }) => ({
    step,
    metrics: Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^(time|memory)\//.test(name))),
  }));

async function lastTensors(folder: string): Promise<string[]> {
  const { tensors } = await readCheckpoint(checkpointFiles(runPaths(folder).checkpoints)[0]!);
  return Array.from(tensors, ([name, { data }]) => `${name} ${createHash("sha256").update(data).digest("hex")}`);
}

describe("vitscale train", () => {
  it("survives kill -9 and SIGTERM: resumed, it ends with the weights and losses of an undisturbed run", async () => {
    const [whole, disturbed] = ["whole", "disturbed"].map((name) => join(scratch, name)) as [string, string];
    await train(resolveConfig(tiny, "tiny-config"), { out: whole, stream: { write: () => true } });

    const killed = start("train", config, "--out", disturbed);
    await killed.printed(/step 40\/160/);
    // Wherever it falls: in a step, a checkpoint, or between two files.
    await new Promise((resolve) => setTimeout(resolve, 200 * Math.random()));
    killed.child.kill("SIGKILL");
    expect((await killed.ended).signal).toBe("SIGKILL");

    const stopped = start("train", config, "--out", disturbed, "--resume");
    await stopped.printed(/step 100\/160/);
    stopped.child.kill("SIGTERM");
    const { code, output } = await stopped.ended;
    expect(output).toMatch(/resumed at step \d+/);
    expect(output).toContain("SIGTERM: finishing the step, then writing a checkpoint; once more to end at once");
    expect(code).toBe(143);
    expect(readRunInfo(disturbed)).toMatchObject({ status: "interrupted" });

    const resumed = await start("train", config, "--out", disturbed, "--resume").ended;
    expect(resumed).toMatchObject({ code: 0, output: expect.stringContaining("finished at step 160 of 160") });
    expect(readRunInfo(disturbed).resumed).toHaveLength(2);
    expect(numbersOf(disturbed)).toEqual(numbersOf(whole));
    expect(await lastTensors(disturbed)).toEqual(await lastTensors(whole));
  }, 120_000);
});
