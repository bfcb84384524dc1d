import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine } from "@vitscale/train";
import { afterEach, expect, it, vi } from "vitest";
import { identityOf, placeOf, sourceFingerprint } from "./identity.ts";

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

it("does not change with a variable that no measurement reads", () => {
  const identity = identityOf(claim, {}, surroundings);
  vi.stubEnv("VITSCALE_DASHBOARD_TOKEN", "secret");
  vi.stubEnv("VITSCALE_DATA", "/elsewhere");
  expect(identityOf(claim, {}, surroundings)).toBe(identity);
});

it("gives each plan a place of its own, whatever the code and the order of its fields", () => {
  const places = [
    placeOf(claim, "quick", { rounds: 1, seeds: [0] }),
    placeOf(claim, "quick", { seeds: [0], rounds: 1 }),
    placeOf(claim, "full", { rounds: 1, seeds: [0] }),
    placeOf(claim, "quick", { rounds: 2, seeds: [0] }),
  ];
  for (const place of places) expect(place).toMatch(/^a\/(quick|full)-[0-9a-f]{8}$/);
  expect(places[1]).toBe(places[0]);
  expect(new Set(places).size).toBe(3);
});

it("takes the version for the source where there is no repository", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitscale-no-git-"));
  expect(sourceFingerprint(folder, "1.2.3")).toBe("1.2.3");
  rmSync(folder, { recursive: true });
});
