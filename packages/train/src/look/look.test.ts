import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { type HostTensor, hostTensor, isHostTensor, treeMap } from "@vitscale/core";
import { type Batch, decodeImage } from "@vitscale/data";
import { init, type ViTParameters, vit22b } from "@vitscale/vit";
import { afterAll, describe, expect, it } from "vitest";
import { attentionRollout } from "./attention-map.ts";
import { type KeeperLimits, keepExamples } from "./example-keeper.ts";
import { attentionPicture, examplePicture } from "./example-pictures.ts";
import { writeExamples } from "./write-examples.ts";

/** Answers of images of one pixel, whose value is the number of the sample: [truth, answer, its logit over the others']. */
async function watched(answers: readonly (readonly [number, number, number])[], limits?: KeeperLimits) {
  const keeper = keepExamples(3, limits);
  const labels = Int32Array.from(answers, ([truth]) => truth);
  const rows = answers.length + 1;
  const batch = {
    image: hostTensor(
      "uint8",
      [rows, 1, 1, 1],
      Uint8Array.from({ length: rows }, (_, i) => i),
    ),
    // The last row is padding.
    index: hostTensor(
      "int32",
      [rows],
      Int32Array.from({ length: rows }, (_, i) => (i < answers.length ? i : -1)),
    ),
  } as unknown as Batch;
  const { pass, score } = keeper.watch(
    { source: { labels } as never, stepsPerEpoch: 1, next: async () => batch },
    async () => {
      const scores = hostTensor("float32", [rows, 3]);
      for (const [row, [, answer, logit]] of answers.entries()) scores.data[3 * row + answer] = logit;
      return scores;
    },
  );
  await score((await pass.next())!.image);
  return keeper;
}
const samples = (keeper: ReturnType<typeof keepExamples>) => keeper.examples().map(({ sample }) => sample);

describe("keeping examples", () => {
  it("keeps the surest of each pair of truth and answer, mistakes first, and no padding", async () => {
    const keeper = await watched(
      [
        [0, 1, 1],
        [0, 1, 3],
        [0, 1, 2],
        [2, 1, 5],
        [1, 1, 9],
      ],
      { perCell: 2 },
    );
    expect(samples(keeper)).toEqual([3, 1, 2, 4]);
    expect(keeper.examples().map(({ image }) => image.data[0])).toEqual([3, 1, 2, 4]);
    // e⁵ against 1 and 1.
    expect(keeper.examples()[0]!.confidence).toBeCloseTo(Math.exp(5) / (Math.exp(5) + 2), 6);
    expect([keeper.truths, keeper.answers]).toEqual([
      [0, 0, 0, 2, 1],
      [1, 1, 1, 1, 1],
    ]);
  });

  it("gives up right answers before mistakes where there are too many", async () => {
    const answers = Array.from({ length: 9 }, (_, i) => [i % 3, Math.floor(i / 3), 1 + i / 10] as const);
    const keeper = await watched(answers, { most: 4 });
    // Mistakes are 1, 2, 3, 5, 6, 7; right are 0, 4, 8.
    expect(samples(keeper)).toEqual([7, 6, 5, 3]);
    expect(samples(await watched(answers, { most: 8 }))).toEqual([7, 6, 5, 3, 2, 1, 8, 4]);
  });
});

describe("attention maps", () => {
  const map = (pooling: "map" | "gap" | "tok", change: (name: string, tensor: HostTensor) => HostTensor) => {
    const config = vit22b("mu/8", { width: 8, depth: 2, heads: 2, mlpWidth: 16, imageSide: 16, classes: 3, pooling });
    const params = treeMap((leaf: HostTensor, name) => change(name, leaf), init(config, 0), isHostTensor);
    const tensors = treeMap(
      ({ dtype, shape, data }: HostTensor) => tf.tensor(data, [...shape], dtype as "float32"),
      params,
      isHostTensor,
    ) as unknown as ViTParameters<tf.Tensor>;
    const images = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 3], -1, 1, "float32", 1);
    const rollout = attentionRollout(tensors, images, config);
    expect(rollout.shape).toEqual([2, 2, 2]);
    return Array.from(rollout.dataSync());
  };
  // Where all logits are zero, attention is even.
  const even = (name: string, { shape, ...tensor }: HostTensor) =>
    /query_norm|pool\/attention\/(query|key)|probe/.test(name) ? hostTensor("float32", shape) : { shape, ...tensor };

  it.each(["map", "gap", "tok"] as const)("are even where all logits are zero, and sum to 1: %s", (pooling) => {
    for (const share of map(pooling, even)) expect(share).toBeCloseTo(0.25, 5);
    const drawn = map(pooling, (_, tensor) => tensor);
    expect(drawn.slice(0, 4).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(new Set(drawn.slice(0, 4).map((share) => share.toFixed(6))).size).toBeGreaterThan(1);
  });
});

describe("pictures", () => {
  it("are made smaller where they are large, and light up where the attention is", () => {
    const large = hostTensor("uint8", [256, 512, 3], new Uint8Array(256 * 512 * 3).fill(100));
    expect(examplePicture(large)).toMatchObject({ height: 64, width: 128 });
    const attention = hostTensor("float32", [2, 2], Float32Array.of(0.7, 0.1, 0.1, 0.1));
    const { height, width, data } = attentionPicture(
      hostTensor("uint8", [8, 8, 1], new Uint8Array(64).fill(100)),
      attention,
    );
    expect([height, width]).toEqual([8, 16]);
    const brightness = (row: number, column: number) => {
      const at = 3 * (row * width + column);
      return data[at]! + data[at + 1]! + data[at + 2]!;
    };
    expect(brightness(0, 0)).toBe(300);
    expect(brightness(0, 8)).toBeGreaterThan(brightness(7, 15));
  });
});

describe("an evaluation of examples", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitscale-examples-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("has the pictures of every cell, and its views name files that are there", async () => {
    const keeper = await watched([
      [0, 1, 2],
      [0, 0, 3],
    ]);
    const evals = join(folder, "evals");
    const path = await writeExamples(keeper, {
      ...{ folder: evals, name: "validation", step: 20, source: "a test" },
      images: { classes: ["cat", "dog", "owl"], nameOf: (sample) => `image ${sample}` },
      attention: async ({ shape }) => hostTensor("float32", [shape[0]!, 1, 1], new Float32Array(shape[0]!).fill(1)),
    });
    const { name, step, metrics, views } = JSON.parse(readFileSync(path, "utf8"));
    expect({ name, step, metrics }).toEqual({ name: "validation-examples", step: 20, metrics: { accuracy: 0.5 } });
    const [confusion, worst, attended] = views;
    expect(confusion.counts).toEqual([
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(Object.keys(confusion.examples)).toEqual(["cat,dog", "cat,cat"]);
    expect(worst.images).toEqual([
      {
        ...{ path: "evals/validation-examples-00000020/0.png", caption: "image 0" },
        truth: "cat",
        answer: "dog",
        confidence: expect.any(Number),
      },
    ]);
    expect(attended.images).toHaveLength(2);
    const files = readdirSync(join(evals, "validation-examples-00000020"));
    expect(files.sort()).toEqual(["0-attention.png", "0.png", "1-attention.png", "1.png"]);
    const picture = await decodeImage(readFileSync(join(folder, worst.images[0].path)));
    expect(picture).toMatchObject({ height: 1, width: 1 });
  });
});
