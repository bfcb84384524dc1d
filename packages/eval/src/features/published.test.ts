import { hostTensor } from "@vitscale/core";
import { expect, it } from "vitest";
import { topKAccuracy } from "../accuracy.ts";
import { describeWithSharedData, sharedBytes, sharedText } from "../testing/shared-data.ts";
import { type Features, selectFeatures, type Vectors } from "./features.ts";
import { knn } from "./knn.ts";
import { linearPredictions, linearScorer } from "./linear-scores.ts";
import { retrieval } from "./retrieval.ts";
import { ridgeClassifiers } from "./ridge.ts";
import { sgdProbe } from "./sgd-probe.ts";
import { softmaxRegression } from "./softmax-regression.ts";
import { classVectors, zeroShot } from "./zero-shot.ts";

interface Expected {
  readonly num_classes: number;
  readonly train_index: number[];
  readonly test_index: number[];
  readonly fewshot_lsr: { l2_reg: number; train_subset: number[]; accuracy: number; first_test_logits: number[] }[];
  readonly knn_cosine: { k: number; T: number | null; accuracy: number }[];
  readonly linear_probe: { l2: number; optimum: number; train_accuracy: number; test_accuracy: number }[];
}

const matrix = (rows: readonly (readonly number[])[]): Vectors =>
  hostTensor("float32", [rows.length, rows[0]!.length], Float32Array.from(rows.flat()));

describeWithSharedData("published results of frozen features", "2,062 photos of hands", () => {
  const expected: Expected = JSON.parse(sharedText("features/feature-eval-expected.json"));
  // IDX: 12 bytes before features of two axes, 8 before labels of one.
  const pixels = sharedBytes("images/sign-language-digits/sld-features-100.idx2-ubyte.gz").subarray(12);
  const labels = sharedBytes("images/sign-language-digits/sld-labels.idx1-ubyte.gz").subarray(8);
  const all: Features = {
    vectors: hostTensor(
      "float32",
      [labels.length, 100],
      Float32Array.from(pixels, (byte) => byte / 255),
    ),
    labels: Int32Array.from(labels),
    classes: expected.num_classes,
  };
  const [train, test] = [selectFeatures(all, expected.train_index), selectFeatures(all, expected.test_index)];

  it("few-shot ridge has all 24 expected accuracies and logits", async () => {
    const scorer = linearScorer();
    for (const { l2_reg, train_subset, accuracy, first_test_logits } of expected.fewshot_lsr) {
      const [classifier] = ridgeClassifiers(selectFeatures(train, train_subset), [l2_reg]);
      const predictions = await scorer.predictions(test, classifier!);
      expect(topKAccuracy(predictions).value).toBeCloseTo(accuracy, 10);
      for (const [i, logit] of first_test_logits.entries()) expect(predictions.scores.data[i]).toBeCloseTo(logit, 4);
    }
    await scorer.dispose();
  });

  it("neighbours vote as expected, weighted and not", async () => {
    for (const temperature of [null, 0.07]) {
      const cases = expected.knn_cosine.filter(({ T }) => T === temperature);
      const options = { neighbours: cases.map(({ k }) => k), temperature: temperature ?? Number.POSITIVE_INFINITY };
      const predictions = await knn(train, test, options);
      for (const { k, accuracy } of cases) expect(topKAccuracy(predictions.get(k)!).value).toBeCloseTo(accuracy, 10);
    }
  });

  it("the convex probe finds the expected optima", async () => {
    let start: Float64Array | undefined;
    for (const { l2, optimum, train_accuracy, test_accuracy } of expected.linear_probe) {
      const { classifier, minimum } = await softmaxRegression(train, l2, start ? { start } : {});
      start = minimum.point;
      expect(minimum.gradientNorm).toBeLessThan(1e-8);
      // The features are rounded to float32 here: the optimum of these is another by 1e-9.
      expect(minimum.value).toBeCloseTo(optimum, 8);
      expect(topKAccuracy(await linearPredictions(test, classifier)).value).toBeCloseTo(test_accuracy, 10);
      expect(Math.abs(topKAccuracy(await linearPredictions(train, classifier)).value - train_accuracy)).toBeLessThan(
        7e-4,
      );
    }
  }, 120_000);

  it("gradient descent learns what the convex probe learns, roughly", async () => {
    const { classifier, losses } = await sgdProbe(train, { epochs: 60, batchSize: 100, learningRate: 0.3 });
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 3);
    expect(topKAccuracy(await linearPredictions(test, classifier)).value).toBeGreaterThan(0.7);
  });
});

describeWithSharedData("published results of embeddings", "pairs of embedding tables", () => {
  const fixture = JSON.parse(sharedText("features/retrieval-zeroshot-fixture.json"));

  it("retrieves in both directions", async () => {
    const { image_embeddings, text_embeddings, text_to_image, expected } = fixture.retrieval;
    const found = await retrieval(matrix(image_embeddings), matrix(text_embeddings), text_to_image);
    for (const k of [1, 5, 10]) {
      expect(found.textToImage.recall.get(k)!.value).toBeCloseTo(expected[`t2i_recall@${k}`], 12);
      expect(found.imageToText.recall.get(k)!.value).toBeCloseTo(expected[`i2t_recall@${k}`], 12);
    }
    expect(found.textToImage.medianRank).toBe(expected.t2i_median_rank);
    expect(found.textToImage.meanReciprocalRank.value).toBeCloseTo(expected.t2i_mrr, 12);
  });

  it("classifies without training", async () => {
    const { image_embeddings, labels, text_embeddings_class_template: prompts, expected } = fixture.zeroshot;
    const classes = prompts.length;
    const images = { vectors: matrix(image_embeddings), labels: Int32Array.from(labels), classes };
    const classOfPrompt = prompts.flatMap((list: number[][], label: number) => list.map(() => label));
    const predictions = await zeroShot(images, classVectors(matrix(prompts.flat()), classOfPrompt, classes));
    expect(topKAccuracy(predictions).value).toBe(expected.accuracy_top1);
    expect(topKAccuracy(predictions, 5).value).toBe(expected.accuracy_top5);
    for (const [template, accuracy] of expected.per_template_top1.entries()) {
      const own = matrix(prompts.map((list: number[][]) => list[template]));
      const one = await zeroShot(
        images,
        classVectors(
          own,
          Int32Array.from({ length: classes }, (_, i) => i),
          classes,
        ),
      );
      expect(topKAccuracy(one).value).toBe(accuracy);
    }
  });
});
