import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultEngine } from "@vitscale/core";
import { vit22b } from "@vitscale/vit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bench, Places, Shared } from "../claim.ts";
import { fewShotRidge } from "../claims/few-shot.ts";
import { scaling } from "../claims/scaling.ts";
import { placeOf } from "../runner/identity.ts";
import { findCifar10 } from "./cifar10.ts";
import { chooseImages, imageSet, moreImages, testImagesOf } from "./images.ts";

/** Records in the layout of CIFAR-10: image i has class i mod 10, and 10·class in every byte but the first, which is i. */
function records(first: number, count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, k) => {
      const label = (first + k) % 10;
      return Buffer.from([label, first + k, ...new Array(3 * 1024 - 1).fill(10 * label)]);
    }),
  );
}

describe("CIFAR-10 for claims", () => {
  const root = mkdtempSync(join(tmpdir(), "vitscale-cifar10-"));
  const folder = join(root, "cifar10");
  const at = (path: string): Places => ({ dataFolder: () => path });
  beforeAll(() => {
    const unpacked = join(folder, "cifar-10-batches-bin");
    mkdirSync(unpacked, { recursive: true });
    for (let batch = 0; batch < 5; batch++) {
      writeFileSync(join(unpacked, `data_batch_${batch + 1}.bin`), records(20 * batch, 20));
    }
    writeFileSync(join(unpacked, "test_batch.bin"), records(100, 40));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it("gives the first images to train on, the next to fit on, and those of the other split to measure on", async () => {
    const { images, classes } = await chooseImages(30, at(folder));
    expect(classes).toBe(10);
    const firstBytes = async (options: typeof images) => {
      const { images: pixels, labels } = await imageSet(options);
      expect(pixels.shape).toEqual([labels.data.length, 32, 32, 3]);
      const numbers = Array.from(labels.data, (_, i) => pixels.data[3 * 1024 * i]!);
      expect(Array.from(labels.data)).toEqual(numbers.map((number) => number % 10));
      return numbers;
    };
    const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
    expect(await firstBytes(images)).toEqual(range(0, 30));
    expect(await firstBytes(moreImages(images, 20, 2))).toEqual(range(30, 20));
    expect(await firstBytes(testImagesOf(images, 40))).toEqual(range(100, 40));
    await expect(imageSet(testImagesOf(images, 41))).rejects.toThrow(
      "has 40 images of CIFAR-10 to test on, and those up to 41",
    );
  });

  it("is another plan than generated shapes, and another one with other files", async () => {
    const changed = join(root, "changed");
    cpSync(folder, changed, { recursive: true });
    appendFileSync(join(changed, "cifar-10-batches-bin", "test_batch.bin"), records(7, 1));
    for (const claim of [fewShotRidge, scaling]) {
      const plans = await Promise.all(
        [folder, changed, join(root, "none")].map((path) => claim.plan("quick", at(path))),
      );
      expect(new Set(plans.map((plan) => placeOf(claim, "quick", plan))).size).toBe(3);
    }
  });

  it("is refused where a folder holds something else", async () => {
    await expect(findCifar10(at(root))).rejects.toThrow(`${root} holds no CIFAR-10: neither data_batch_1.bin`);
  });

  it("is what claims train and measure on, and their rows name it", async () => {
    const tiny = vit22b("mu/8", {
      width: 16,
      depth: 1,
      heads: 1,
      mlpWidth: 32,
      imageSide: 32,
      classes: 10,
      pooling: "gap",
    });
    const recipe = { steps: 4, batch: 10, schedule: { kind: "constant" } };
    const bench = {
      ...{ engine: defaultEngine(), signal: new AbortController().signal, progress() {} },
      record: () => ({ log() {}, evaluation() {}, update() {} }),
      cell: (_: string, measure: () => Promise<unknown>) => measure(),
      async shared(_: unknown, make: (folder: string) => Promise<unknown>): Promise<Shared<unknown>> {
        const place = mkdtempSync(join(root, "shared-"));
        return { folder: place, value: await make(place) };
      },
    } as unknown as Bench;

    const few = (await fewShotRidge.plan("quick", at(folder))) as { training: { images: { count: number } } };
    expect(few.training).toMatchObject({ model: { classes: 10 }, images: { split: "train", first: 0 } });
    const fewPlan = {
      ...few,
      training: {
        ...few.training,
        ...recipe,
        model: tiny,
        testImages: 40,
        images: { ...few.training.images, count: 50 },
      },
      ...{ shots: [1, 2], penalties: [1024], seeds: [0], trainImages: 50, testImages: 40 },
    };
    const fewFindings = fewShotRidge.judge(await fewShotRidge.measure(fewPlan, bench), fewPlan);
    expect(fewFindings.solution).toMatchObject({ verdict: "reproduced" });
    for (const { measured } of Object.values(fewFindings)) expect(measured).toMatch(/^CIFAR-10: /);

    const law = (await scaling.plan("quick", at(folder))) as { quality: { images: object } };
    const names = ["small", "large"];
    const scalingPlan = {
      models: Object.fromEntries(names.map((name) => [name, tiny])),
      durations: [4],
      quality: {
        ...{ ...law.quality, ...recipe, seeds: [0], testImages: 40 },
        images: { ...law.quality.images, count: 50 },
        variants: Object.fromEntries(names.map((name) => [`${name}, 4 steps`, { model: tiny }])),
      },
    };
    const outcomes = await scaling.measure(scalingPlan, bench);
    expect(scaling.judge(outcomes, scalingPlan).efficiency?.measured).toMatch(/^CIFAR-10: .* after 40 images$/);
  });
});
