// Compiles the TypeScript blocks of all pages as a reader would, with strict types. That they run is checked by tests.
//
//   node scripts/check-examples.mjs
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const folder = (path) => readdirSync(join(root, path)).map((name) => `${path}/${name}`);
const pages = [
  "README.md",
  ...folder("docs").filter((path) => path.endsWith(".md")),
  ...folder("packages").map((path) => `${path}/README.md`),
];

// Inside the repository, where packages resolve as they do for a reader.
const scratch = join(root, "test", "example-types");
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
try {
  // What the tests that run the pages provide: pages say what holds by `expect`, and files go into a folder.
  const globals = ['expect: typeof import("vitest").expect', "folder: string"];
  writeFileSync(join(scratch, "globals.d.ts"), globals.map((one) => `declare const ${one};\n`).join(""));
  const compilerOptions = {
    // As most readers have it.
    noUncheckedIndexedAccess: false,
    // Nothing depends on this package.
    paths: { "@vitscale/bench": ["../../packages/bench/src/index.ts"] },
  };
  const config = { extends: "../../tsconfig.json", compilerOptions, include: ["*.ts"] };
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
  let count = 0;
  for (const page of pages) {
    const blocks = readFileSync(join(root, page), "utf8").matchAll(/^```ts\n(.*?)^```$/gms);
    for (const [index, [, code]] of [...blocks].entries()) {
      // The empty export makes a module of a block that imports nothing.
      writeFileSync(join(scratch, `${page.replaceAll(/\W/g, "-")}-${index + 1}.ts`), `${code}export {};\n`);
      count++;
    }
  }
  const compiler = join(root, "node_modules", "typescript7", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", scratch], { cwd: scratch, stdio: "inherit" });
  if (status === 0) console.log(`${count} examples of ${pages.length} pages compile`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
