import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { claims } from "../claims/index.ts";
import { fakeClaim } from "../testing/fake-claim.ts";
import { main } from "./main.ts";

describe("the exit code", () => {
  const out = mkdtempSync(join(tmpdir(), "vitscale-bench-"));
  afterAll(() => rmSync(out, { recursive: true }));

  // The aim of at most 10 ms is reached by the first, and missed by the others.
  const all = [
    fakeClaim({ name: "reached", values: [9, 9], isExact: true }),
    fakeClaim({ name: "missed", values: [11, 11] }),
    fakeClaim({ name: "broken-law", values: [11, 11], isExact: true }),
    fakeClaim({
      name: "failing",
      beforeSecond: () => {
        throw new Error("no such kernel");
      },
    }),
  ];
  const run = async (only: string, ...options: string[]) => {
    const errors: string[] = [];
    const console = { out: () => {}, error: (text: string) => void errors.push(text) };
    const code = await main(["--only", only, "--out", out, ...options], all, console);
    return { code, errors: errors.join("") };
  };

  it("is 0 where an effect is not seen on this machine, unless every verdict is to count", async () => {
    expect(await run("reached,missed")).toEqual({ code: 0, errors: "" });
    expect(await run("reached", "--strict")).toEqual({ code: 0, errors: "" });
    expect(await run("reached,missed", "--strict")).toEqual({
      code: 3,
      errors: "exit code 3:\n  missed: Nothing takes 10 ms: not reached\n",
    });
  });

  it("is 3 where something that holds on any machine is not seen", async () => {
    expect(await run("reached,broken-law")).toEqual({
      code: 3,
      errors: "exit code 3:\n  broken-law: Nothing takes 10 ms: not reached\n",
    });
  });

  it("is 1 where a measurement failed, and 2 for a mistake on the command line", async () => {
    expect(await run("failing,missed", "--strict")).toEqual({
      code: 1,
      errors: "exit code 1:\n  failing: its measurement failed\n",
    });
    expect((await run("nothing")).code).toBe(2);
  });
});

it("counts as exact what follows from arithmetic: forms, bounds, bytes and tables, but no time and no training", () => {
  const exact = claims.flatMap(({ name, statements }) =>
    Object.entries(statements).flatMap(([key, { isExact }]) => (isExact ? [`${name} ${key}`] : [])),
  );
  expect(exact).toEqual([
    ...["initial-values bias", "initial-values fused", "qk-norm bound", "optimizers memory", "schedules branches"],
    ...["few-shot solution", "human-alignment models", "human-alignment humans", "human-alignment shapeBias"],
    ...["imagenet-tables resnet", "imagenet-tables drop", "imagenet-tables real", "imagenet-tables corruption"],
    ...["norm-collectives fewer", "parallel-linear exact", "parallel-linear traffic", "parallel-linear choice"],
    ...["scale-on-paper utilisation", "scale-on-paper h100", "mfu formula"],
  ]);
});
