import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(import.meta.url);

/** The folder of this package, whether this file runs from `src` or from `dist`. */
export const packageFolder = findPackage(dirname(here));

/** This package's version. */
export const packageVersion = (
  JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as { version: string }
).version;

/** A program of this package that runs in a Node process of its own, with the flags that this process was started with. */
export function ownProgram(name: string): { file: string; args: string[] } {
  const isSource = here.endsWith(".ts");
  const path = join(packageFolder, isSource ? "src" : "dist", `${name}.${isSource ? "ts" : "js"}`);
  return { file: process.execPath, args: [...process.execArgv, path] };
}

function findPackage(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  return findPackage(dirname(folder));
}
