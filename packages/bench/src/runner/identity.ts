import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import type { Machine } from "@vitscale/train";
import type { Claim } from "../claim.ts";

/**
 * What a measurement depends on, as a short text: an earlier result counts only where it is the same. It covers the claim's version and
 * plan, the machine, the source code, and the variables `VITSCALE_*` that choose threads and peers.
 */
export function identityOf(
  { name, version }: Pick<Claim, "name" | "version">,
  plan: unknown,
  surroundings: { readonly machine: Machine; readonly source: string },
): string {
  const variables = Object.entries(process.env)
    .filter(([key]) => key.startsWith("VITSCALE_"))
    .sort(([a], [b]) => (a < b ? -1 : 1));
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
