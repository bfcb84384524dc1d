// Takes the pictures of docs/dashboard.md from a folder of runs that holds `bench`, as `pnpm bench` leaves it, and the evaluation of a run.
//
//     npx tsx --conditions=@vitscale/source apps/dashboard/test/screenshots.ts runs docs/dashboard [RUN EVALUATION]
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { buildPage } from "../build-page.ts";
import { dashboard } from "../src/server/server.ts";
import type { RunList } from "../src/shared/api.ts";
import { findChromium } from "./real-runs.ts";

const [folder = "runs", out = "docs/dashboard"] = process.argv.slice(2);
const executablePath = findChromium();
if (executablePath === undefined)
  throw new Error("there is no Chromium here; `apt-get install chromium`, or set CHROMIUM");

// Fewer colours, smaller files: sharp belongs to packages/data.
const sharp = createRequire(join(import.meta.dirname, "../../../packages/data/package.json"))("sharp");

const page = mkdtempSync(join(tmpdir(), "page-"));
await buildPage(page);
const served = await dashboard(folder, { page });
await served.warm;
const ids: string[] = await fetch(`${served.url}api/runs`)
  .then((response) => response.json())
  .then((list) => (list as RunList).runs.map(({ id }) => id).sort());
const chosen = (pattern: RegExp) =>
  ids
    .filter((id) => pattern.test(id))
    .map((id) => `runs=${encodeURIComponent(id)}`)
    .join("&");
const withoutNorm = ids.find((id) => /without-qk-norm-rate0\.1-seed0$/.test(id)) ?? ids[0] ?? "";
const [evaluated = ids[0] ?? "", evaluation = ""] = process.argv.slice(4);

const pictures = [
  { name: "runs", theme: "light", path: "/?sort=metric.test/loss", ready: ".sparkline path" },
  {
    name: "curves",
    theme: "dark",
    path: `/curves?color=config.learningRate&smoothing=0.97&${chosen(/qk-norm[/-].*small/)}`,
    ready: ".plot .line",
  },
  {
    name: "seeds",
    theme: "light",
    path: `/curves?group=seed&smoothing=0.98&open=train/loss&${chosen(/(biases|parallel).*seed/)}`,
    ready: ".plot .band",
  },
  {
    name: "compare",
    theme: "light",
    path: `/compare?${chosen(/qk-norm[/-].*small.*rate0\.(01|1)-seed0/)}`,
    ready: ".compare .differs",
  },
  { name: "health", theme: "dark", path: `/health?run=${encodeURIComponent(withoutNorm)}`, ready: ".heat rect" },
  { name: "benchmark", theme: "light", path: "/benchmark", ready: ".claim" },
  {
    name: "evaluations",
    theme: "light",
    path: `/evaluations?run=${encodeURIComponent(evaluated)}&evaluation=${evaluation}`,
    ready: ".tiles dd",
  },
  {
    name: "phone",
    theme: "dark",
    path: `/curves?group=seed&smoothing=0.98&${chosen(/(biases|parallel).*seed/)}`,
    ready: ".plot .line",
    size: [390, 780],
  },
] as const;

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
for (const { name, theme, path, ready, ...more } of pictures) {
  const [width, height] = "size" in more ? more.size : [1280, 800];
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
  });
  const tab = await context.newPage();
  await tab.goto(new URL(path, served.url).href);
  await tab.waitForSelector(ready, { timeout: 60_000 });
  await tab.waitForTimeout(2500);
  writeFileSync(
    join(out, `${name}.png`),
    await sharp(await tab.screenshot())
      .png({ palette: true, colours: 128, effort: 10 })
      .toBuffer(),
  );
  await context.close();
}
await browser.close();
await served.close();
