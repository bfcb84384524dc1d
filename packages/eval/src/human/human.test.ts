import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { wilsonInterval } from "../statistics/wilson.ts";
import { vectorColumn } from "../table/column.ts";
import type { Answers, Observer } from "./answers.ts";
import { conditionRows, humanBenchmark } from "./benchmark.ts";
import { benchmarkResult } from "./benchmark-result.ts";
import { categoryMap } from "./category-map.ts";
import { consistency, consistencyOf } from "./consistency.ts";
import { decideCategories } from "./decide.ts";
import { experimentOf, imageIdentity, spellCondition, textureOf } from "./experiments.ts";
import {
  accuracyByCondition,
  confusionMatrix,
  entropyByCondition,
  errorConsistencyMatrix,
  risingConditions,
} from "./responses.ts";
import { cueConflictOf, shapeBias } from "./shape-bias.ts";
import { sixteenClasses, sixteenClassMap } from "./sixteen-classes.ts";

/** Four trials of two categories in one condition: two people and a model. */
const small: Answers = {
  name: "edge",
  conditions: [""],
  trials: { images: ["a", "b", "c", "d"], condition: new Int32Array(4), category: Int8Array.of(0, 0, 1, 1) },
  observers: [
    { name: "subject-01", isHuman: true, answers: Int8Array.of(0, 0, 1, -1) },
    { name: "subject-02", isHuman: true, answers: Int8Array.of(0, 1, 1, 0) },
    { name: "model", isHuman: false, answers: Int8Array.of(1, 0, 1, 1) },
  ],
};

describe("sixteen categories", () => {
  it("are made of 207 classes, sizes as published", () => {
    expect(sixteenClassMap.sources.map(({ length }) => length)).toEqual([
      1, 4, 2, 49, 5, 7, 3, 6, 4, 3, 109, 2, 2, 1, 1, 8,
    ]);
    expect(new Set(sixteenClassMap.sources.flat()).size).toBe(207);
  });
});

describe("a benchmark of forty people", () => {
  // Person p errs on the trials whose number has bit p mod 5: every two people agree on half or on all of 32 trials.
  const people = Array.from({ length: 40 }, (_, p) => ({
    name: `subject-${p + 1}`,
    isHuman: true,
    answers: Int8Array.from({ length: 32 }, (_, trial) => (trial >> (p % 5)) & 1),
  }));
  const always = { name: "always", isHuman: false, answers: new Int8Array(32) };
  const many: Answers = {
    name: "edge",
    conditions: [""],
    trials: {
      images: Array.from({ length: 32 }, (_, i) => `${i}.png`),
      condition: new Int32Array(32),
      category: new Int8Array(32),
    },
    observers: [...people, always],
  };

  it("counts every pair of them", () => {
    const { humans, models } = humanBenchmark([many], { replicates: 10 });
    // 8 people for each of 5 patterns: 5 · 28 of 780 pairs err alike (κ = 1), the others independently (κ = 0).
    expect(humans!.errorConsistency.value).toBeCloseTo(140 / 780, 12);
    expect(humans!.observedConsistency.value).toBeCloseTo((140 + 640 / 2) / 780, 12);
    expect(models[0]!.accuracyDifference.value).toBeCloseTo(0.25, 12);
  });

  it("shows each of the four metrics by data set", () => {
    const { tables } = benchmarkResult([many], { replicates: 10 });
    const cell = (title: string) => tables.find((table) => table.title === `${title} by data set`)?.rows[0]?.[2];
    expect(cell("Accuracy")).toBe(1);
    expect(cell("Accuracy difference")).toBeCloseTo(0.25, 12);
    expect(cell("Observed consistency")).toBeCloseTo(0.5, 12);
    expect(cell("Error consistency")).toBeCloseTo(0, 12);
  });
});

describe("decideCategories", () => {
  const row = (probabilities: Readonly<Record<number, number>>) => {
    const scores = new Float32Array(1000);
    for (const [source, value] of Object.entries(probabilities)) scores[Number(source)] = value;
    return scores;
  };
  const decided = (scores: Float32Array, kind: "probabilities" | "logits") =>
    sixteenClasses[decideCategories(vectorColumn(scores, 1000), kind)[0]!];

  it("takes the mean over a category's classes, not the sum", () => {
    // Airplane: 0.2 / 1. Dogs: 0.8 in all, over 109 classes.
    const dogs = Object.fromEntries(sixteenClassMap.sources[10]!.map((source) => [source, 0.8 / 109]));
    expect(decided(row({ 404: 0.2, ...dogs }), "probabilities")).toBe("airplane");
  });

  it("reads logits as what softmax makes of them", () => {
    // exp(5) = 148 on a class of airplane; 6 on one of two elephants is exp(6) / 2 = 202 on average.
    expect(decided(row({ 404: 5, 385: 6 }), "logits")).toBe("elephant");
    expect(decided(row({ 404: 5, 385: 5.5 }), "logits")).toBe("airplane");
  });

  it("gives ties to the last of the alphabet", () => {
    expect(decided(row({ 499: 0.5, 766: 0.5 }), "probabilities")).toBe("oven");
  });

  it("says what it needs", () => {
    const scores = (values: number[]) => vectorColumn(Float32Array.from(values), values.length);
    expect(() => decideCategories(scores(new Array(10).fill(0.1)), "probabilities", undefined, "cifar.csv")).toThrow(
      "cifar.csv: scores of 10 classes cannot be read as sixteen categories, which are made of 1000 classes (ImageNet's); give " +
        "predictions of a model with 1000 classes, a label map from the classes of this one (human.map",
    );
    const of = (kind: "probabilities" | "logits", values: Float32Array) => () =>
      decideCategories(vectorColumn(values, 1000), kind);
    expect(of("probabilities", row({ 1: 0.5, 2: 0.4 }))).toThrow(
      "row 0: probabilities sum to 0.9, not to 1; if the scores are logits, say so",
    );
    expect(of("probabilities", row({ 1: 3 }))).toThrow(
      "row 0: class 1 has probability 3, which is not between 0 and 1",
    );
    expect(of("logits", row({ 1: Number.NaN }))).toThrow("row 0: logit 1 is NaN");
  });

  it("tells categories apart far below the highest logit", () => {
    expect(decided(row({ 0: 500, 404: 300, 385: 200 }), "logits")).toBe("airplane");
  });
});

describe("categoryMap", () => {
  it("orders categories by the alphabet, and may leave some out", () => {
    const { classes, sources } = categoryMap({
      name: "cifar",
      sourceClasses: 10,
      classes: ["dog", "bird", "airplane"],
      sources: [[5], [2], [0]],
    });
    expect(classes).toEqual(["airplane", "bird", "dog"]);
    expect(sources).toEqual([[0], [2], [5]]);
  });

  it("names the nearest of a class that is no category", () => {
    const map = { name: "cifar", sourceClasses: 10, classes: ["aeroplane"], sources: [[0]] };
    expect(() => categoryMap(map)).toThrow(
      'label map cifar leads to "aeroplane"; did you mean "airplane"?; it must lead to some of the sixteen categories airplane,',
    );
  });
});

describe("names", () => {
  it("of images are the same for all observers", () => {
    expect(imageIdentity("0000_cl_s01_bw_boat_40_n02951358_5952.JPEG")).toBe("n02951358_5952.JPEG");
    expect(imageIdentity("0001_s5n_s01_0_bird_00_bird3-bird2.png")).toBe("bird3-bird2.png");
    expect(imageIdentity("bird/bird3-bird2.png")).toBe("bird3-bird2.png");
    const own = experimentOf("my own set");
    expect(["cat/cat_1.jpg", "12_a.png"].map((name) => imageIdentity(name, own))).toEqual(["cat_1.jpg", "12_a.png"]);
    expect(imageIdentity("0001_my_s01_0_bird_00_photo.png", own)).toBe("photo.png");
    expect(textureOf("0001_s5n_dnn_0_airplane_00_airplane1-bicycle2.png")).toBe("bicycle");
  });

  it("of conditions are spelled in one way", () => {
    const spelled = (set: string, text: string) => spellCondition(experimentOf(set), text);
    expect(["3", "0.70", "inf"].map((text) => spelled("high-pass", text))).toEqual(["3.0", "0.7", "inf"]);
    expect(["0.90", "0.00"].map((text) => spelled("uniform-noise", text))).toEqual(["0.9", "0.0"]);
    expect(spelled("false-colour", "true")).toBe("True");
    expect(spelled("edge", "NaN")).toBe("");
    // Of sets of one's own they are what they are, but that numbers and their texts are the same.
    expect(["fog", "NaN", "0.70", "7", "inf", "2-3"].map((text) => spelled("mine", text))).toEqual([
      ...["fog", "", "0.7", "7", "inf", "2-3"],
    ]);
  });
});

describe("consistency", () => {
  it("agrees with a count by hand", () => {
    // Right on 1 1 1 0 and 1 0 1 0: o = 3/4, e = 3/4·1/2 + 1/4·1/2 = 1/2, κ = 1/2.
    expect(consistency([1, 1, 1, 0], [1, 0, 1, 0])).toMatchObject({
      observed: { value: 0.75 },
      expected: { value: 0.5 },
      errorConsistency: { value: 0.5 },
      accuracyDifference: { value: 0.0625 },
    });
  });

  it("is 1 for the same answers, even if all are right, and negative for opposite ones", () => {
    expect(consistencyOf(1, 1, 1).errorConsistency).toBe(1);
    expect(consistencyOf(0.3, 0.3, 0.3).errorConsistency).toBe(1);
    expect(consistencyOf(0.5, 0.5, 0).errorConsistency).toBe(-1);
  });

  it("has an interval as wide as the binomial distribution says", () => {
    // Independent observers of accuracy 1/2 over 640 trials: κ is near 2o − 1, whose standard error is 1/√640 = 0.0395.
    const bits = (period: number) => Array.from({ length: 640 }, (_, trial) => (trial % period < period / 2 ? 1 : 0));
    const { value, low, high } = consistency(bits(2), bits(4)).errorConsistency;
    expect(value).toBeCloseTo(0, 12);
    expect((high - low) / 2 / 1.96).toBeCloseTo(0.0395, 2);
  });
});

describe("intervals of error consistency", () => {
  const uniform = (seed: number, count: number) =>
    Float64Array.from(random.threefryBits(seed, 9, count), (word) => ((word >>> 0) + 0.5) / 2 ** 32);

  it.each([
    [160, 0.95, 0.9, 0],
    [160, 0.99, 0.98, 0.5],
    [40, 0.9, 0.9, 0],
    [160, 0.8, 0.7, 0.3],
  ])(
    "of %i trials and accuracies %f and %f, %f of them in common, contain the truth",
    (trials, first, second, shared) => {
      // Both are right where one uniform number is low, with chance `shared`; else each has its own.
      const both = shared * Math.min(first, second) + (1 - shared) * first * second;
      const truth = consistencyOf(first, second, both).errorConsistency;
      const samples = 200;
      let contained = 0;
      for (let seed = 0; seed < samples; seed++) {
        const [one, other, which] = [0, 1, 2].map((part) =>
          uniform(seed, 3 * trials).subarray(part * trials, (part + 1) * trials),
        );
        const a = Array.from(one!, (draw) => (draw < first ? 1 : 0));
        const b = Array.from(which!, (draw, i) => ((draw < shared ? one! : other!)[i]! < second ? 1 : 0));
        const { low, high } = consistency(a, b, { replicates: 200, seed }).errorConsistency;
        if (low <= truth && truth <= high) contained++;
      }
      // Three standard deviations of 200 samples are 4.6 %.
      expect(contained / samples).toBeGreaterThan(0.95 - 0.046);
    },
  );
});

describe("humanBenchmark", () => {
  it("agrees with a count by hand", () => {
    const { models, humans } = humanBenchmark([small], { replicates: 20 });
    // Model right on b c d. Person 1 on a b c: o = 1/2, e = 9/16 + 1/16 = 5/8, κ = −1/3. Person 2 on a c: o = 1/4, e = 1/2, κ = −1/2.
    expect(models[0]).toMatchObject({
      model: "model",
      accuracy: { value: 0.75 },
      accuracyDifference: { value: 1 / 32 },
      observedConsistency: { value: 3 / 8 },
      errorConsistency: { value: expect.closeTo(-5 / 12, 12) },
      meanRank: 1,
    });
    expect(humans).toMatchObject({ accuracy: { value: 5 / 8 }, errorConsistency: { value: 0.5 } });
  });

  it("draws every condition from a stream of its own", () => {
    // Two conditions of the same trials: drawn alike, they would err alike, and their mean were as unsure as each of them.
    const trials = 40;
    const set = (conditions: readonly string[]): Answers => {
      const rows = Array.from({ length: trials * conditions.length }, (_, row) => row);
      return {
        name: "contrast",
        conditions,
        trials: {
          images: rows.map((row) => `${row % trials}`),
          condition: Int32Array.from(rows, (row) => Math.floor(row / trials)),
          category: Int8Array.from(rows, (row) => small.trials.category[row % 4]!),
        },
        observers: small.observers.map((observer) => ({
          ...observer,
          answers: Int8Array.from(rows, (row) => observer.answers[row % 4]!),
        })),
      };
    };
    const spread = (conditions: readonly string[]) => {
      const { low, high } = humanBenchmark([set(conditions)], { replicates: 400 }).models[0]!.errorConsistency;
      return high - low;
    };
    // The mean of two independent samples is 1/√2 as unsure as one.
    const ratio = spread(["c50", "c30"]) / spread(["c50"]);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(0.83);
  });

  it("reaches down to no difference of accuracies where observers are equally good", () => {
    // Each is right with chance 1/2 by itself: squares of differences are noise alone, and twice as large drawn again.
    const [trials, people] = [40, 12];
    const words = random.threefryBits(4, 8, trials * (people + 1));
    const observers = Array.from({ length: people + 1 }, (_, observer) => ({
      name: observer < people ? `subject-${observer}` : "net",
      isHuman: observer < people,
      answers: Int8Array.from({ length: trials }, (_, trial) => words[observer * trials + trial]! >>> 31),
    }));
    const images = Array.from({ length: trials }, (_, i) => `${i}`);
    const set = {
      ...small,
      trials: { images, condition: new Int32Array(trials), category: new Int8Array(trials) },
      observers,
    };
    const { accuracyDifference } = humanBenchmark([set], { replicates: 200 }).humans!;
    expect(accuracyDifference.value).toBeGreaterThan(0.005);
    expect(accuracyDifference.low).toBe(0);
    expect(accuracyDifference.high).toBeGreaterThan(accuracyDifference.value);
  });

  it("needs people to compare models with", () => {
    const alone = { ...small, observers: small.observers.slice(2) };
    expect(() => humanBenchmark([alone])).toThrow("edge: has answers of models alone; give those of people too");
  });

  it("counts the conditions of the benchmark alone", () => {
    const trials = { ...small.trials, condition: Int32Array.of(0, 1, 0, 1) };
    const colour = { ...small, name: "colour", conditions: ["bw", "cr"], trials };
    expect(conditionRows(colour)).toEqual([[0, 2]]);
    expect(conditionRows({ ...colour, name: "my own set" })).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(conditionRows({ ...colour, name: "edge" })).toEqual([[0, 1, 2, 3]]);
    expect(() => conditionRows({ ...colour, conditions: ["grey", "cr"] })).toThrow(
      "colour: has the conditions grey, cr, but the benchmark counts bw",
    );
  });
});

describe("benchmarkResult", () => {
  it("names the nearest of a model that did not answer", () => {
    expect(() => benchmarkResult([small], { replicates: 2 }, "modell")).toThrow(
      'no model "modell" answered in all data sets; did you mean "model"?; these did: model',
    );
  });
});

describe("notes of a benchmark", () => {
  it("say which models and conditions are missing, and which data set it does not know", () => {
    const people = small.observers.slice(0, 2);
    const net = { ...small.observers[2]!, name: "net" };
    const both = { ...small, observers: [...small.observers, net] };
    const contrast = { ...small, name: "contrast", conditions: ["c50", "c10"] };
    const misspelt = { ...small, name: "sketh" };
    const { notes } = benchmarkResult([both, contrast, misspelt], { replicates: 2 });
    const few = (set: string) =>
      `On fewer than 5 trials of ${set} (mean over people) a person is wrong together with model: intervals of error consistency are too narrow there.`;
    expect(notes).toEqual([
      "Data sets: edge, contrast, sketh. Ranks are among the 1 model of this table.",
      "Published tables are means over 17 data sets; these lack colour, high-pass, low-pass, phase-scrambling, power-equalisation, " +
        "false-colour, rotation, eidolonI, eidolonII, eidolonIII, uniform-noise, sketch, stylized, silhouette, cue-conflict.",
      "Left out for want of answers to contrast, sketh: net.",
      "Of the conditions that the benchmark counts, contrast lacks c30, c15, c05.",
      'The benchmark has no data set sketh; did you mean "sketch"?; it is measured in 1 condition, all that it has.',
      ...["edge", "contrast", "sketh"].map(few),
    ]);
    expect(benchmarkResult([{ ...small, observers: people }], { replicates: 2 }).notes).toHaveLength(1);
  });
});

describe("responses", () => {
  const [first, , model] = small.observers;

  it("make a confusion matrix in percent with a row for no answer", () => {
    const matrix = confusionMatrix(small, [first!]);
    expect(matrix.map((row) => row.slice(0, 2)).filter((row) => row.some((value) => value > 0))).toEqual([
      [100, 0],
      [0, 50],
      [0, 50],
    ]);
    expect(matrix[0]![5]).toBeNaN();
  });

  it("have accuracies and entropies by condition", () => {
    expect(accuracyByCondition(small, [first!, model!])).toMatchObject([
      { condition: "", value: { value: 0.75, count: 8 } },
    ]);
    // Shares 1/2, 1/4 and no answer: 1/2 + 1/2 bits.
    expect(entropyByCondition(small, [first!])).toEqual([{ condition: "", value: 1 }]);
  });

  it("count answers of several observers to one image as what they say together", () => {
    const images = Array.from({ length: 40 }, (_, i) => `${i}`);
    const trials = { images, condition: new Int32Array(40), category: new Int8Array(40) };
    const by = (name: string, isRight: (trial: number) => boolean) => ({
      name,
      isHuman: true,
      answers: Int8Array.from(images, (_, trial) => (isRight(trial) ? 0 : 1)),
    });
    const even = by("subject-01", (trial) => trial % 2 === 0);
    const odd = by("subject-02", (trial) => trial % 2 === 1);
    const interval = (observers: readonly Observer[]) =>
      accuracyByCondition({ ...small, trials, observers }, observers)[0]!.value;
    // Ten who are right on the same images know no more than one; two who are right where the other is not, all that they answered.
    expect(interval([even])).toEqual(wilsonInterval(20, 40));
    expect(interval(new Array(10).fill(even))).toEqual({ ...wilsonInterval(20, 40), count: 400 });
    expect(interval([even, odd])).toEqual(wilsonInterval(40, 80));
  });

  it("are compared each with each", () => {
    const matrix = errorConsistencyMatrix(small, small.observers);
    expect(matrix[0]![0]).toBe(1);
    expect(matrix[0]![2]).toBeCloseTo(-1 / 3, 12);
    expect(matrix[2]![0]).toBeCloseTo(-1 / 3, 12);
  });
});

describe("shapeBias", () => {
  it("agrees with a count by hand", () => {
    // Images 0–3 conflict, 4 does not. Decisions: shape, texture, shape, neither, shape.
    const {
      shapeBias: bias,
      decided,
      shape,
      texture,
      trials,
      byClass,
    } = shapeBias({
      classes: ["x", "y", "z"],
      shape: [0, 0, 1, 1, 2],
      texture: [1, 1, 0, 0, 2],
      decisions: [[0, 1, 1, 2, 2]],
    });
    expect({ shape, texture, trials }).toEqual({ shape: 2, texture: 1, trials: 4 });
    expect(bias.value).toBeCloseTo(2 / 3, 12);
    expect(decided.value).toBe(0.75);
    expect(byClass.map((entry) => entry.shapeBias.value)).toEqual([0.5, 1, Number.NaN]);
    expect(byClass.map((entry) => [entry.shape, entry.texture])).toEqual([
      [1, 1],
      [1, 0],
      [0, 0],
    ]);
  });

  it("refuses cues that are no classes, and cues or decisions that are not one for each image", () => {
    const cues = { classes: ["x", "y"], shape: [0, 1], texture: [1, 0], decisions: [[0, 0]] };
    expect(() => shapeBias({ ...cues, shape: [0, 5] })).toThrow("shape 5 of image 1 is no class; there are 2");
    expect(() => shapeBias({ ...cues, texture: [-1, 0] })).toThrow("texture -1 of image 0 is no class; there are 2");
    expect(() => shapeBias({ ...cues, texture: [1] })).toThrow("1 texture for 2 images; give one for each");
    expect(() => shapeBias({ ...cues, decisions: [[0, 0], [0]] })).toThrow(
      "observer 1 with 1 decision for 2 images; give one for each",
    );
    const answers = {
      ...small,
      name: "cue-conflict",
      trials: { ...small.trials, images: ["cat1-dog2", "a", "b", "c"] },
    };
    expect(() => cueConflictOf(answers, small.observers)).toThrow('cue-conflict: row 1: image a names the texture "a"');
  });

  it("has Wilson's interval of one observer, and a wider one of several whose decisions go together", () => {
    const images = 40;
    const classes = Array.from({ length: images }, (_, image) => image % 2);
    const cues = { classes: ["x", "y"], shape: classes, texture: classes.map((own) => 1 - own) };
    // Half of the images are decided by shape, by whoever looks: ten observers know no more than one.
    const own = classes.map((shape, image) => (image < 20 ? shape : 1 - shape));
    const one = shapeBias({ ...cues, decisions: [own] });
    expect(one.shapeBias).toEqual(wilsonInterval(20, 40));
    const ten = shapeBias({ ...cues, decisions: new Array(10).fill(own) }, { replicates: 400 });
    expect(ten.shapeBias).toMatchObject({ value: 0.5, count: 400 });
    expect(ten.shapeBias.high - ten.shapeBias.low).toBeGreaterThan(2.5 * (wilsonInterval(200, 400).high - 0.5));
    expect(Math.abs(ten.shapeBias.low - one.shapeBias.low)).toBeLessThan(0.03);
  });
});

describe("conditions", () => {
  it.each([
    [
      "eidolonI",
      ["1-10-10", "128-10-10", "64-10-10", "2-10-10", "16-10-10"],
      "1-10-10 2-10-10 16-10-10 64-10-10 128-10-10",
    ],
    ["contrast", ["c100", "c03", "c50", "c05", "c01"], "c100 c50 c05 c03 c01"],
    ["high-pass", ["0.4", "inf", "3.0", "0.7"], "inf 3.0 0.7 0.4"],
    ["low-pass", ["40", "0", "1", "10"], "0 1 10 40"],
    ["colour", ["bw", "cr"], "cr bw"],
    ["power-equalisation", ["pow", "0"], "0 pow"],
    ["my own set", ["10", "clean", "2.5", "fog"], "clean fog 2.5 10"],
  ])("of %s are in the order of rising distortion, whether they count or not", (name, conditions, order) => {
    expect(risingConditions({ ...small, name, conditions }).join(" ")).toBe(order);
  });
});
