// Imports run one way: core ← vit, data, sharding ← eval ← train ← bench; the dashboard reads run records only.
// A package imports what stands below it, by its name, and declares it as a dependency.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const below = {
  "packages/core": [],
  "packages/vit": ["core"],
  "packages/data": ["core"],
  "packages/sharding": ["core"],
  "packages/eval": ["core", "vit", "data"],
  "packages/train": ["core", "vit", "data", "sharding", "eval"],
  "packages/bench": ["core", "vit", "data", "sharding", "eval", "train"],
  "apps/dashboard": [],
};

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const importPattern = /(?:^|\s|\()(?:import|export)\s*(?:[^"';]*?\sfrom\s*)?\(?\s*["']([^"']+)["']/g;
const problems = [];

for (const [folder, allowed] of Object.entries(below)) {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const declared = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies };
  for (const part of ["src", "test"]) {
    const start = join(root, folder, part);
    if (!existsSync(start)) continue;
    for (const entry of readdirSync(start, { recursive: true })) {
      if (!/\.tsx?$/.test(entry)) continue;
      const file = join(start, entry);
      for (const [, target] of readFileSync(file, "utf8").matchAll(importPattern))
        check(file, target, folder, allowed, declared);
    }
  }
}

function check(file, target, folder, allowed, declared) {
  const where = relative(root, file);
  const own = /^@vitscale\/([^/]+)/.exec(target)?.[1];
  if (own !== undefined && folder.endsWith(`/${own}`)) return;
  if (own !== undefined) {
    if (!allowed.includes(own))
      problems.push(`${where} imports ${target}; ${folder} may import only [${allowed.join(", ")}]`);
    else if (!declared[`@vitscale/${own}`])
      problems.push(`${where} imports ${target}, which ${folder}/package.json does not declare`);
  } else if (target.startsWith(".")) {
    const inside = !relative(join(root, folder), resolve(dirname(file), target)).startsWith("..");
    if (!inside) problems.push(`${where} imports ${target}, which is outside of ${folder}; import the package by name`);
  }
}

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "imports run one way" : `${problems.length} imports go the wrong way`);
process.exit(problems.length === 0 ? 0 : 1);
