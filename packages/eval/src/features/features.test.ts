import { hostTensor, random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { equalBlocks } from "./blocks.ts";
import { type Features, unitVectors, type Vectors } from "./features.ts";
import { fewShot, fewShotRows } from "./few-shot.ts";
import { knn } from "./knn.ts";
import { lbfgs } from "./lbfgs.ts";
import { gramOfRows, product, solveRidge } from "./matrices.ts";
import { cosineNeighbours } from "./nearest.ts";
import { sweptProbe } from "./probe.ts";
import { clipBestTemplates, clipPaperTemplates } from "./prompt-templates.ts";
import { canonicalText, classPrompts } from "./prompts.ts";
import { rankOfBest, retrieval } from "./retrieval.ts";
import { sgdProbe } from "./sgd-probe.ts";
import { classVectors } from "./zero-shot.ts";

const vectors = (rows: number[][]) =>
  hostTensor("float32", [rows.length, rows[0]!.length], Float32Array.from(rows.flat()));

/** Points on a wave, two classes by its sign. */
function wave(rows: number): Features {
  const at = (i: number) => Math.sin(1.7 * i) + 0.3 * Math.cos(5 * i);
  return {
    vectors: vectors(Array.from({ length: rows }, (_, i) => [at(i), Math.cos(3 * i), 2])),
    labels: Int32Array.from({ length: rows }, (_, i) => (at(i) > 0 ? 1 : 0)),
    classes: 2,
  };
}

describe("cosineNeighbours", () => {
  it("agrees with sorting all similarities, across blocks of queries", async () => {
    const [queries, bank] = [wave(300).vectors, wave(77).vectors].map(unitVectors) as [Vectors, Vectors];
    const { rows } = await cosineNeighbours(queries, bank, 5);
    for (let query = 0; query < 300; query++) {
      const similarity = (row: number) =>
        [0, 1, 2].reduce((sum, i) => sum + queries.data[query * 3 + i]! * bank.data[row * 3 + i]!, 0);
      const found = [...rows.subarray(query * 5, query * 5 + 5)].map(similarity);
      const sorted = Array.from({ length: 77 }, (_, row) => similarity(row)).sort((a, b) => b - a);
      for (let place = 0; place < 5; place++) expect(found[place]).toBeCloseTo(sorted[place]!, 12);
    }
  });

  it("merges parts of a bank that is larger than one", async () => {
    const rows = 65_536 + 1000;
    const bank = new Float32Array(2 * rows).map((_, i) => i % 2);
    // Ever further from the query, in both parts.
    const close = [65_536, 3, 66_535, 65_535, 65_000];
    for (const [place, row] of close.entries()) bank.set([1, 0.1 * place], 2 * row);
    const { rows: found } = await cosineNeighbours(vectors([[1, 0]]), hostTensor("float32", [rows, 2], bank), 6);
    expect([...found]).toEqual([...close, 0]);
  });

  it("tells neighbours apart that all lie in about one direction", async () => {
    const bits = random.threefryBits(1, 2, 520 * 16);
    const all = Float32Array.from(bits, (word) => 1000 + word * 2 ** -31);
    const bank = hostTensor("float32", [500, 16], all.slice(0, 500 * 16));
    const queries = hostTensor("float32", [20, 16], all.slice(500 * 16));
    const { rows } = await cosineNeighbours(queries, bank, 1);
    for (let query = 0; query < 20; query++) {
      const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
      const q = queries.data.subarray(query * 16, query * 16 + 16);
      const similarities = Array.from({ length: 500 }, (_, row) => {
        const b = bank.data.subarray(row * 16, row * 16 + 16);
        return dot(q, b) / Math.sqrt(dot(b, b));
      });
      expect(rows[query]).toBe(similarities.indexOf(Math.max(...similarities)));
    }
  });

  it("covers rows in blocks of one size", () => {
    expect([...equalBlocks(10, 4)]).toEqual([
      { start: 0, count: 4 },
      { start: 4, count: 4 },
      { start: 6, count: 4 },
    ]);
    expect([...equalBlocks(3, 4)]).toEqual([{ start: 0, count: 3 }]);
  });
});

describe("solveRidge", () => {
  it("solves what it is given", () => {
    const a = Float64Array.from({ length: 35 }, (_, i) => Math.sin(i * i));
    const gram = gramOfRows(a, 7, 5);
    const right = Float64Array.from({ length: 14 }, (_, i) => Math.cos(i));
    const x = solveRidge(gram, 0.25, right, 7);
    const full = gram.map((_, i) => gram[Math.max(Math.floor(i / 7), i % 7) * 7 + Math.min(Math.floor(i / 7), i % 7)]!);
    const back = product(full, x, 7, 7, 2);
    for (let i = 0; i < 14; i++) expect(back[i]! + 0.25 * x[i]!).toBeCloseTo(right[i]!, 10);
    expect(() => solveRidge(Float64Array.of(0, 0, 0, 0), 0, right.slice(0, 2), 2)).toThrow("a ridge of 0 leaves");
  });
});

describe("lbfgs", () => {
  const valley = (p: Float64Array) => {
    const [x, y] = [p[0]!, p[1]!];
    return {
      value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
      gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
    };
  };

  it("finds the minimum of Rosenbrock's valley at (1, 1)", async () => {
    const { point, status, iterations } = await lbfgs(valley, Float64Array.of(-1.2, 1));
    expect(status).toBe("converged");
    expect(iterations).toBeLessThan(60);
    for (const coordinate of point) expect(coordinate).toBeCloseTo(1, 8);
  });

  it("says when it could not finish", async () => {
    expect(await lbfgs(valley, Float64Array.of(-1.2, 1), { maxIterations: 2 })).toMatchObject({ status: "iterations" });
    const nowhere = () => ({ value: Number.NaN, gradient: Float64Array.of(1) });
    await expect(lbfgs(nowhere, Float64Array.of(1))).rejects.toThrow("the function is NaN at the start");
  });
});

describe("fewShot", () => {
  it("takes as many images of each class, repeatably", () => {
    const { labels } = wave(40);
    const rows = fewShotRows({ labels, classes: 2 }, 3, 7);
    expect([0, 1].map((label) => rows.filter((row) => labels[row] === label).length)).toEqual([3, 3]);
    expect(fewShotRows({ labels, classes: 2 }, 3, 7)).toEqual(rows);
    expect(fewShotRows({ labels, classes: 2 }, 3, 8)).not.toEqual(rows);
    expect(fewShotRows({ labels, classes: 2 }, 1000, 0)).toHaveLength(40);
  });

  it("reports every number of shots and penalty", async () => {
    const results = await fewShot(wave(200), wave(60), { shots: [2, 20], l2: [1, 1024], seeds: [0, 1] });
    expect(results.map(({ shots, l2, accuracies }) => [shots, l2, accuracies.length])).toEqual([
      [2, 1, 2],
      [2, 1024, 2],
      [20, 1, 2],
      [20, 1024, 2],
    ]);
    expect(results[2]!.accuracy.value).toBeGreaterThan(0.9);
  });
});

describe("probes", () => {
  it("choose the penalty on held-out images", async () => {
    const { l2, sweep } = await sweptProbe(wave(200), { l2: [1e-3, 100] });
    expect(sweep.map(({ l2: penalty }) => penalty)).toEqual([100, 1e-3]);
    const best = Math.max(...sweep.map(({ accuracy }) => accuracy));
    expect(l2).toBe(sweep.find(({ accuracy }) => accuracy === best)!.l2);
  });

  it("descend as a loop in double precision does", async () => {
    // Batches of all images: their order does not matter, and the first weights come from the run without an epoch.
    const train = wave(32);
    const options = { batchSize: 32, learningRate: 0.5, momentum: 0.9 };
    const { classifier: first } = await sgdProbe(train, { ...options, epochs: 0 });
    const { classifier, losses } = await sgdProbe(train, { ...options, epochs: 4 });

    const weights = [...first.kernel, ...first.bias];
    const velocity = weights.map(() => 0);
    const expected: number[] = [];
    for (let epoch = 0; epoch < 4; epoch++) {
      const gradient = weights.map(() => 0);
      let loss = 0;
      for (let row = 0; row < 32; row++) {
        const x = [...train.vectors.data.subarray(3 * row, 3 * row + 3), 1];
        const logits = [0, 1].map((label) => x.reduce((sum, value, i) => sum + value * weights[2 * i + label]!, 0));
        const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
        loss += (Math.log(total) - logits[train.labels[row]!]!) / 32;
        for (const [i, value] of x.entries()) {
          for (const label of [0, 1]) {
            const residual = Math.exp(logits[label]!) / total - (label === train.labels[row] ? 1 : 0);
            gradient[2 * i + label]! += (value * residual) / 32;
          }
        }
      }
      expected.push(loss);
      for (let i = 0; i < weights.length; i++) {
        velocity[i] = 0.9 * velocity[i]! + gradient[i]!;
        weights[i]! -= 0.25 * (1 + Math.cos((Math.PI * epoch) / 4)) * velocity[i]!;
      }
    }
    for (const [epoch, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[epoch]!, 5);
    for (const [i, weight] of [...classifier.kernel, ...classifier.bias].entries()) {
      expect(weight).toBeCloseTo(weights[i]!, 5);
    }
  });
});

describe("prompts", () => {
  // The cases of big_vision's prompt_engineering_test.py.
  it.each([
    ["test_test", "", "test test"],
    ["test___test", "", "test test"],
    ["test.", "", "test"],
    [" test ", "", "test"],
    ["test\ntest", "", "test test"],
    ["test {}", "", "test"],
    ["test {}", "{}", "test {}"],
    [" test  {}...", "{}", "test {}"],
    ["test {}  {}  {}", "{}", "test {} {} {}"],
  ])("reduce %j", (text, keep, reduced) => {
    expect(canonicalText(text, keep)).toBe(reduced);
  });

  it("name every class in every template", () => {
    expect([clipPaperTemplates.length, clipBestTemplates.length]).toEqual([81, 8]);
    const prompts = classPrompts(["Great_white shark, man-eater", "Tench"], { templates: ["A photo of a {}.", "{}"] });
    expect(prompts).toEqual([
      ["a photo of a great white shark", "great white shark"],
      ["a photo of a tench", "tench"],
    ]);
    expect(classPrompts(["Tench"], { templates: ["A {}."], canonical: false })).toEqual([["A Tench."]]);
    expect(() => classPrompts(["tench"], { templates: ["a photo"] })).toThrow('the template "a photo" has no {}');
    expect(() => classPrompts(["tench", "!"])).toThrow('class 1 has the name "!"; give each class a name');
  });
});

describe("retrieval", () => {
  // Distances of 4 images (rows) to 8 texts, two of each image: the unit test of big_vision's image_text_retrieval.
  const shared = [
    [0.5, 0.4, 0.0, 0.0, 0.4, 0.2, 0.6, 0.4],
    [0.5, 0.4, 0.1, 0.5, 0.0, 0.8, 0.8, 0.3],
    [0.5, 0.4, 0.1, 0.5, 0.4, 0.2, 0.3, 0.3],
  ];
  const recall = (ranks: number[]) => [1, 5, 10].map((k) => ranks.filter((rank) => rank <= k).length / ranks.length);

  it("has the recalls of big_vision's test", () => {
    const toTexts = [[0.8, 0.8, 0.1, 0.5, 0.1, 0.2, 0.5, 0.1], ...shared];
    const ranks = toTexts.map((row, image) =>
      rankOfBest(
        row.map((distance) => -distance),
        [2 * image, 2 * image + 1],
      ),
    );
    expect(recall(ranks)).toEqual([0.5, 0.75, 1]);
    const toImages = [[0.8, 0.8, 0.1, 0.5, 0.1, 0.2, 0.1, 0.1], ...shared];
    const ofTexts = Array.from({ length: 8 }, (_, text) =>
      rankOfBest(
        toImages.map((row) => -row[text]!),
        [Math.floor(text / 2)],
      ),
    );
    expect(recall(ofTexts)).toEqual([0.375, 1, 1]);
  });
});

describe("what is wrong with features is named by row", () => {
  const broken = { ...wave(4), vectors: vectors([[1], [2], [Number.NaN], [3]]) };
  const pair = vectors([
    [1, 0],
    [0, 1],
  ]);
  it.each<[string, () => unknown]>([
    ["row 2 of the training features holds NaN", () => knn(broken, wave(4))],
    ["training features of 4 images have 3 labels", () => knn({ ...wave(4), labels: new Int32Array(3) }, wave(4))],
    ["row 1 of the test features has label 5", () => knn(wave(9), { ...wave(2), labels: Int32Array.of(0, 5) })],
    ["200 neighbours in a bank of 9 rows; give an integer from 1 to 9", () => knn(wave(9), wave(2))],
    ["vectors of width 2 and of width 3", () => cosineNeighbours(pair, wave(3).vectors, 1)],
    ["temperature 0; give a number above 0", () => knn(wave(9), wave(2), { neighbours: [3], temperature: 0 })],
    ["row 1 of the texts belongs to image 2; give 0 to 1", () => retrieval(pair, pair, [0, 2])],
    ["row 1 of the images has no text", () => retrieval(pair, pair, [0, 0])],
    ["2 texts, but images of 1", () => retrieval(pair, pair, [0])],
    ["row 0 of the prompts has class 3", async () => classVectors(pair, [3, 1], 2)],
    ["class 1 has no prompt", async () => classVectors(pair, [0, 0], 2)],
    ["batchSize is 8 of 4 images", () => sgdProbe(wave(4), { batchSize: 8 })],
  ])("%s", async (message, run) => {
    await expect(run()).rejects.toThrow(message);
  });
});
