import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import type { Machine } from "@vitscale/train";
import type { Claim, Scale } from "../claim.ts";

/** Variables that decide what is measured: kernels, threads, peers and MPI. The dashboard's token, or where data sets lie, do not. */
const decidingVariables = ["MPI", "NATIVE", "PEERS", "PROFILE", "PYTHON", "THREADS"].map((name) => `VITSCALE_${name}`);

/**
 * Where a measurement of a claim by a plan is kept: `qk-norm/full-0a1b2c3d`. Measurements by different plans (quick and full, with this
 * data or that) lie side by side; one by the same plan, with other code, takes the place of the one before.
 */
export function placeOf({ name }: Pick<Claim, "name">, scale: Scale, plan: unknown): string {
  return `${name}/${scale}-${digest(canonicalJson(plan)).slice(0, 8)}`;
}

/**
 * What a measurement depends on, as a short text: an earlier result counts only where it is the same. It covers the claim's version and
 * plan, the machine, the source code, and the variables that decide what is measured.
 */
export function identityOf(
  { name, version }: Pick<Claim, "name" | "version">,
  plan: unknown,
  surroundings: { readonly machine: Machine; readonly source: string },
): string {
  const variables = decidingVariables.map((name) => process.env[name] ?? null);
  return digest(canonicalJson({ name, version, plan, ...surroundings, variables }));
}

/**
 * The source code as a text that changes with it: git's name of the folder `packages`, and a digest of what differs from it. A commit of
 * texts or of the dashboard changes neither. Outside of a git repository, as in an installed package, it is the package's version.
 */
export function sourceFingerprint(folder: string, packageVersion: string): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: folder, maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "ignore"] }).toString();
  try {
    const changes = git("diff", "HEAD", "--", ":/packages");
    return git("rev-parse", "HEAD:packages").trim() + (changes === "" ? "" : `+${digest(changes)}`);
  } catch {
    return packageVersion;
  }
}

/** JSON in which the order of an object's fields says nothing. */
function canonicalJson(value: unknown): string {
  const isFields = (one: unknown): one is object => typeof one === "object" && one !== null && !Array.isArray(one);
  const sorted = (_: string, one: unknown) =>
    isFields(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one;
  return JSON.stringify(value, sorted);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
