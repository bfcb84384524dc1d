import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageFolder, resize } from "@vitscale/data";
import { vit22b } from "@vitscale/vit";
import { expect, it } from "vitest";
import { temporaryFolders } from "../../test/temporary-folder.ts";
import { resolveConfig, type TrainConfig } from "../config/train-config.ts";
import { readEvents } from "../runs/rows.ts";
import { train } from "../trainer.ts";
import { skippedImages } from "./skipped-images.ts";

const newFolder = temporaryFolders();
const picture = join(import.meta.dirname, "../../fixtures/run/media/train-batch-00000000.png");

it("tells how many there are where there are more, also when they are counted anew", () => {
  const told: string[] = [];
  const run = { tell: (kind: string, text: string) => told.push(`${kind}: ${text}`) };
  const broken = new Map([[3, { index: 3, name: "bee/3.jpg", problem: "is empty" }]]);
  const skipped = skippedImages("the training data");
  skipped.tell(run, { broken: new Map() });
  skipped.tell(run, { broken });
  skipped.tell(run, { broken });
  skipped.tell(run, { broken: new Map([[5, { index: 5, name: "bee/5.jpg", problem: "is none" }]]) });
  expect(told).toEqual([
    "images-skipped: 1 image of the training data so far cannot be used, and skipped; the last is bee/3.jpg: is empty",
    "images-skipped: 2 images of the training data so far cannot be used, and skipped; the last is bee/5.jpg: is none",
  ]);
});

it("is told by a run once an epoch at most, and of its evaluations, which count the others once each", async () => {
  const folder = newFolder();
  for (const name of ["ant", "bee"]) {
    mkdirSync(join(folder, "images", name), { recursive: true });
    for (let i = 0; i < 5; i++) cpSync(picture, join(folder, "images", name, `${i}.png`));
  }
  writeFileSync(join(folder, "images/bee/4.png"), "no picture");
  const data = {
    source: imageFolder({ folder: join(folder, "images") }),
    preprocess: [resize({ size: 8 })],
    onBroken: "skip",
  };
  const config = {
    model: vit22b("mu/4", { imageSide: 8, classes: 2 }),
    data,
    ...{ loader: { workers: 0 }, batchSize: 5, steps: 8, learningRate: 1e-3, schedule: { kind: "constant" } },
    // Ten images, of which one is broken, four at a time.
    evaluations: { validation: { data, batchSize: 4, everySteps: 4 } },
  } as TrainConfig;
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) > 0 };
  const { summary } = await train(resolveConfig(config, "skips"), {
    out: join(folder, "run"),
    stream,
    peakFlops: 1e11,
  });
  expect(summary["validation/examples"]).toBe(9);
  const skips = readEvents(join(folder, "run")).filter(({ kind }) => kind === "images-skipped");
  // Looked for when an epoch begins: the first batch has it.
  expect(skips.map(({ step, text }) => [step, text.split(" so far")[0]])).toEqual([
    [0, "1 image of the training data"],
    [4, "1 image of validation"],
  ]);
  expect(skips[0]?.text).toContain("bee/4.png: ");
  expect(lines.filter((line) => line.includes("so far cannot be used"))).toHaveLength(2);
});
