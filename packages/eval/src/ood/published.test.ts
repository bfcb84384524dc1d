import { expect, it } from "vitest";
import { describeWithSharedData, sharedCsv, sharedText, sharedUint16 } from "../testing/shared-data.ts";
import { type AcceptedClasses, acceptedAccuracy, acceptLabels } from "./accepted.ts";
import { alexNetErrors, benchmarkCorruptions, corruptionError } from "./corruption-error.ts";
import { type Decisions, restrictDecisions } from "./decisions.ts";
import { identityMap } from "./label-map.ts";
import { imagenetA } from "./maps/imagenet-a.ts";
import { imagenetR } from "./maps/imagenet-r.ts";
import { objectNet } from "./maps/object-net.ts";
import { parseRealLabels } from "./real-labels.ts";

const imagenet = identityMap(
  Array.from({ length: 1000 }, (_, label) => `${label}`),
  "imagenet",
);

const top5 = (set: string, model: string): Decisions => ({
  k: 5,
  classes: sharedUint16(`imagenet-preds/${set}-${model}-top5.uint16.npy.gz`),
});
const labelsOf = (set: string) => sharedUint16(`imagenet-preds/${set}-labels.uint16.npy.gz`);

describeWithSharedData("published predictions and tables", "published numbers", () => {
  const expected = sharedCsv("imagenet-preds/imagenet-v2-real-expected.csv");
  const real = () => parseRealLabels(sharedText("labels/imagenet-real.json.gz"));
  const pair = (decisions: Decisions, accepted: AcceptedClasses) =>
    [1, 5].map((k) => acceptedAccuracy(decisions, accepted, k).value);

  it("ReaL has 46,837 images with labels, at most 9 of them", () => {
    const { start } = real();
    const sizes = Array.from({ length: 50_000 }, (_, image) => start[image + 1]! - start[image]!);
    expect(sizes.filter((size) => size > 0)).toHaveLength(46_837);
    expect(sizes.filter((size) => size > 1)).toHaveLength(7_443);
    expect(sizes.reduce((a, b) => Math.max(a, b))).toBe(9);
  });

  it.each(["alexnet", "resnet50", "vgg16"])("accuracies of %s on val, ReaL and three V2", (model) => {
    const row = expected.find(({ model: name }) => name === model)!;
    const val = top5("val", model);
    const measured = [...pair(val, acceptLabels(labelsOf("val"), imagenet)), acceptedAccuracy(val, real()).value];
    expect(measured.map((value) => value.toFixed(6))).toEqual([row.val_top1, row.val_top5, row.real_acc]);
    for (const [set, column] of Object.entries({
      "v2-matched-frequency": "v2_matched",
      "v2-threshold0.7": "v2_thresh07",
      "v2-topimages": "v2_topimages",
    })) {
      const accuracies = pair(top5(set, model), acceptLabels(labelsOf(set), imagenet));
      expect(accuracies.map((value) => value.toFixed(6))).toEqual([row[`${column}_top1`], row[`${column}_top5`]]);
    }
  });

  // Printed in ../shared/spec/evaluation.md, section 3.3, for models without a row in the file.
  it.each([
    ["resnet152", [0.78312, 0.94046], [0.848154, 0.962316], [0.6702, 0.8757]],
    ["densenet121", [0.74434, 0.91972], [0.814869, 0.948331], [0.6221, 0.838]],
    ["nasnetalarge", [0.82506, 0.96018], [0.872793, 0.973824], [0.7221, 0.9042]],
  ])("accuracies of %s", (model, val, onReal, v2) => {
    const round = (values: number[]) => values.map((value) => Number(value.toFixed(6)));
    expect(round(pair(top5("val", model), acceptLabels(labelsOf("val"), imagenet)))).toEqual(val);
    expect(round(pair(top5("val", model), real()))).toEqual(onReal);
    const set = "v2-matched-frequency";
    expect(round(pair(top5(set, model), acceptLabels(labelsOf(set), imagenet)))).toEqual(v2);
  });

  it("agrees with timm on the validation images of ImageNet-A's and -R's classes", () => {
    // timm has all scores, these files the five best classes: an image none of whose five is among the 200 counts as wrong here.
    const labels = labelsOf("val");
    for (const [map, file] of [
      [imagenetA, "a"],
      [imagenetR, "r"],
    ] as const) {
      const timm = sharedCsv(`tables/timm-results-imagenet-${file}-clean.csv.gz`);
      const printed = Number(timm.find(({ model }) => model === "resnet50.tv_in1k")!.top1) / 100;
      const sources = map.sources.flat();
      const accepted = acceptLabels(
        Int32Array.from(labels, (label) => sources.indexOf(label)),
        map,
      );
      const { value, count } = acceptedAccuracy(restrictDecisions(top5("val", "resnet50"), sources), accepted);
      expect(count).toBe(10_000);
      expect(printed - value).toBeGreaterThan(0);
      expect(printed - value).toBeLessThan(0.01);
    }
  });

  it("ObjectNet's answers are of its 113 classes", () => {
    const answers = JSON.parse(sharedText("labels/objectnet-answers-overlap.json.gz")) as Record<string, number>;
    const ids = JSON.parse(sharedText("labels/objectnet-objectnet_id_overlap.json")) as Record<string, number>;
    expect(Object.keys(answers)).toHaveLength(18_574);
    const known = new Set(Object.values(ids));
    expect(known.size).toBe(objectNet.classes.length);
    expect(Object.values(answers).every((id) => known.has(id))).toBe(true);
  });

  let testbed: ReturnType<typeof sharedCsv> | undefined;
  // Printed in ../shared/spec/evaluation.md, section 3.3, where they were recomputed by another program.
  it.each([
    ["resnet50", 78.2, 109.24],
    ["alexnet", 102.29, 106.6],
    ["vgg11", 94.38, 126.49],
    ["resnet18", 86.36, 108.57],
    ["squeezenet1_0", 104.8, 118.23],
    ["densenet121", 76.25, 99.82],
    ["resnet152", 70.1, 96.49],
    ["resnext101_32x8d", 68.18, 95.22],
  ])("mCE of %s from the ImageNet testbed's accuracies", (model, mCE, relativeMCE) => {
    testbed ??= sharedCsv("tables/imagenet-testbed-robustness_top1s.csv.gz");
    const row = testbed.find(({ model: name }) => name === model)!;
    const error = (column: string) => 1 - Number(row[column]) / 100;
    const corrupted = Object.fromEntries(
      benchmarkCorruptions.map((name) => [
        name,
        [1, 2, 3, 4, 5].map((severity) => error(`imagenet-c.${name}.${severity}_on-disk`)),
      ]),
    );
    const score = corruptionError({ clean: error("val"), corrupted });
    expect(score.mean).toBeCloseTo(mCE, 1.9);
    expect(score.relativeMean).toBeCloseTo(relativeMCE, 1.9);
  });
});

it("AlexNet's own errors are 100 percent of AlexNet's", () => {
  const { mean, relativeMean } = corruptionError(alexNetErrors);
  expect([mean, relativeMean]).toEqual([100, 100]);
});
