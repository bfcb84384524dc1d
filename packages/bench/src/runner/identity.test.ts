import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine } from "@vitscale/train";
import { afterEach, expect, it, vi } from "vitest";
import { identityOf, sourceFingerprint } from "./identity.ts";

const surroundings = { machine: describeMachine(), source: "abc" };
const claim = { name: "a", version: 1 };
afterEach(() => vi.unstubAllEnvs());

it("changes with whatever changes a measurement", () => {
  const plan = { rounds: 3 };
  const identity = identityOf(claim, plan, surroundings);
  expect(identityOf({ ...claim }, { ...plan }, { ...surroundings })).toBe(identity);
  const others = [
    identityOf({ ...claim, version: 2 }, plan, surroundings),
    identityOf(claim, { rounds: 4 }, surroundings),
    identityOf(claim, plan, { ...surroundings, source: "abd" }),
    identityOf(claim, plan, { ...surroundings, machine: { ...surroundings.machine, cores: 64 } }),
  ];
  vi.stubEnv("VITSCALE_THREADS", "1");
  others.push(identityOf(claim, plan, surroundings));
  expect(new Set([identity, ...others]).size).toBe(6);
});

it("takes the version for the source where there is no repository", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitscale-no-git-"));
  expect(sourceFingerprint(folder, "1.2.3")).toBe("1.2.3");
  rmSync(folder, { recursive: true });
});
