import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The version of this package, whether this file runs from `src` or from `dist`. */
export function packageVersion(): string {
  const { version = "unknown" } = JSON.parse(readFileSync(findManifest(import.meta.dirname), "utf8")) as {
    version?: string;
  };
  return version;
}

function findManifest(folder: string): string {
  const path = join(folder, "package.json");
  return existsSync(path) ? path : findManifest(dirname(folder));
}
