import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { didYouMean } from "@vitscale/core";

/** What to say of a path that leads nowhere, with the nearest name beside it; undefined where something is there. */
export function missingPath(path: string): string | undefined {
  if (existsSync(path)) return undefined;
  const folder = dirname(path);
  if (!existsSync(folder)) return `is not there, nor is its folder ${folder}; give the path of one that is`;
  return `is not there${didYouMean(basename(path), readdirSync(folder))}; give the path of one that is`;
}
