import * as tf from "@tensorflow/tfjs-core";
import { type CompileReport, graph, hostTensor, random } from "@vitscale/core";
import { fold } from "@vitscale/data";
import { describe, expect, it } from "vitest";
import { observeModel } from "./diagnostics/observe.ts";
import { softmaxCrossEntropy } from "./losses.ts";
import { readScalars } from "./metric-window.ts";
import { adafactor } from "./optimizers/adafactor.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import { sgd } from "./optimizers/sgd.ts";
import type { StepParts } from "./step.ts";
import { compileStep, type HostInputs } from "./take-step.ts";

/** A classifier of 2 × 2 grey images into three classes, with a layer below that can be frozen. */
interface Params {
  readonly below: { readonly kernel: tf.Tensor };
  readonly head: { readonly kernel: tf.Tensor };
}

const parts = (optimizer: Optimizer): StepParts<Params> => ({
  predict: ({ below, head }, images) => {
    const hidden = tf.tanh(tf.matMul(tf.reshape(images, [-1, 4]), below.kernel as tf.Tensor2D));
    return tf.matMul(hidden as tf.Tensor2D, head.kernel as tf.Tensor2D);
  },
  loss: softmaxCrossEntropy,
  optimizer,
  pixels: { mean: 0.5, deviation: 0.5 },
  classes: 3,
  clipNorm: 0.1,
});

const wave = (shape: readonly number[], salt: number) => {
  const size = shape.reduce((product, side) => product * side, 1);
  return hostTensor(
    "float32",
    shape,
    Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + salt)),
  );
};
const params = () => ({ below: { kernel: wave([4, 5], 1) }, head: { kernel: wave([5, 3], 2) } });
const batch = {
  images: hostTensor(
    "uint8",
    [6, 2, 2, 1],
    Uint8Array.from({ length: 24 }, (_, i) => (97 * i) % 256),
  ),
  labels: hostTensor("int32", [6], Int32Array.of(0, 1, 2, 2, 1, 1)),
};

/** Losses and parameters of three steps. */
async function train(optimizer: Optimizer, microBatches: number, extra: Partial<HostInputs> = {}, withAverage = false) {
  const step = compileStep(parts(optimizer), { microBatches });
  const first = params();
  const average = { "head/kernel": wave([5, 3], 2) };
  let state: Parameters<typeof step>[0] = {
    params: first,
    optimizer: optimizer.initOnHost(first),
    ...(withAverage && { average }),
  };
  const losses: number[] = [];
  for (let at = 0; at < 3; at++) {
    const result = await step(state, batch, { learningRate: 0.1, ...optimizer.scalars(at), ...extra });
    state = result.state;
    losses.push((await result.metrics["train/loss"]!.read())[0]!);
  }
  const read = async (tensor: unknown) => Array.from(await (tensor as { read(): Promise<Float32Array> }).read());
  const result = {
    losses,
    below: await read(state.params.below.kernel),
    head: await read(state.params.head.kernel),
    average: withAverage ? await read(state.average?.["head/kernel"]) : [],
  };
  await step.dispose();
  return result;
}

function expectClose(actual: readonly number[], expected: readonly number[], digits = 5): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
}

describe("a step in micro-batches", () => {
  it.each([2, 3, 6])("of %i parts gives the numbers of the whole batch", async (microBatches) => {
    const whole = await train(sgd(), 1);
    const inParts = await train(sgd(), microBatches);
    expectClose(inParts.losses, whole.losses);
    expectClose(inParts.below, whole.below);
    expectClose(inParts.head, whole.head);
  });

  it("takes the memory of one part, however many there are", async () => {
    /** The largest memory of intermediate values among the programs of a step, for a batch whose hidden layer takes 1.3 MB. */
    const peak = async (microBatches: number) => {
      const wide = { below: { kernel: wave([4, 512], 1) }, head: { kernel: wave([512, 3], 2) } };
      const peaks: number[] = [];
      const onCompile = (report: CompileReport) => void peaks.push(graph.estimateMemory(report.graph).peak);
      const step = compileStep(parts(sgd()), { microBatches, onCompile });
      const many = {
        images: hostTensor("uint8", [640, 2, 2, 1]),
        labels: hostTensor("int32", [640]),
      };
      await step({ params: wide, optimizer: sgd().initOnHost(wide) }, many, { learningRate: 0.1 });
      await step.dispose();
      return Math.max(...peaks);
    };
    const [whole, inFour, inTen] = [await peak(1), await peak(4), await peak(10)];
    expect(inFour).toBeLessThan(whole / 3);
    expect(inTen).toBeLessThan(whole / 6);
  });

  it.each([2, 6])("observes of %i parts what it does of the whole batch", async (microBatches) => {
    const observed: StepParts<Params> = {
      ...parts(sgd()),
      observe({ below, head }, images) {
        const hidden = tf.matMul(tf.reshape(images, [-1, 4]), below.kernel as tf.Tensor2D);
        const logits = tf.matMul(tf.tanh(hidden), head.kernel as tf.Tensor2D);
        const observations = observeModel({
          "encoder/block00/attention/logits": hidden,
          "encoder/block00/attention/probabilities": tf.softmax(hidden),
          logits,
        });
        return { logits, observations };
      },
    };
    const observations = async (microBatches: number, images = batch.images) => {
      const step = compileStep(observed, { microBatches, isObserved: true });
      const state = { params: params(), optimizer: sgd().initOnHost(params()) };
      const result = await step(state, { ...batch, images }, { learningRate: 0.1 });
      const values = await readScalars(result.observations);
      await step.dispose();
      return values;
    };
    const whole = await observations(1);
    expect(Object.keys(whole)).toHaveLength(3 + 2 * 3);
    const inParts = await observations(microBatches);
    for (const [name, value] of Object.entries(whole)) expect(inParts[name], name).toBeCloseTo(value, 5);

    // Something that is not finite in the first part is not lost.
    const broken = hostTensor("float32", [6, 2, 2, 1], new Float32Array(24).fill(Number.NaN, 0, 1));
    const values = await observations(microBatches, broken as never);
    expect(values["diagnostics/attention-logit/encoder/block00"]).toBeNaN();
    expect(values["diagnostics/activation-rms/logits"]).toBeNaN();
  });

  it("cuts a teacher's logits as it cuts the images", async () => {
    const teacherLogits = hostTensor("float32", [6, 3], new Float32Array(18).fill(1 / 3));
    const whole = await train(sgd(), 1, { teacherLogits });
    expectClose((await train(sgd(), 3, { teacherLogits })).head, whole.head);
  });

  it("gives each part a random key of its own", async () => {
    // The logits are the drawn numbers, so that the loss of an image says what was drawn for it.
    const drawn: StepParts<Params> = {
      ...parts(sgd()),
      predict: ({ head }, images, key) =>
        tf.add(random.normal(key as tf.Tensor, [images.shape[0] as number, 3]), tf.mul(tf.mean(head.kernel), 0)),
    };
    const lossOf = async (rows: number, microBatches: number, key: readonly [number, number]) => {
      const step = compileStep(drawn, { microBatches });
      const images = hostTensor("uint8", [rows, 2, 2, 1]);
      const inputs = { learningRate: 0, key: hostTensor("int32", [2], Int32Array.from(key)) };
      const state = { params: params(), optimizer: sgd().initOnHost(params()) };
      const { metrics } = await step(state, { images, labels: hostTensor("int32", [rows]) }, inputs);
      const [loss = Number.NaN] = await metrics["train/loss"]!.read();
      await step.dispose();
      return loss;
    };
    const alone = [await lossOf(1, 1, fold([3, 4], 0)), await lossOf(1, 1, fold([3, 4], 1))] as const;
    expect(alone[0]).not.toBeCloseTo(alone[1], 3);
    expect(await lossOf(2, 2, [3, 4])).toBeCloseTo((alone[0] + alone[1]) / 2, 5);
  });

  it("refuses batches that cannot be cut", async () => {
    await expect(train(sgd(), 4)).rejects.toThrow(
      "a batch of 6 cannot be cut into 4 equal parts; make the batch a multiple of 4",
    );
  });
});

describe("frozen parameters", () => {
  it.each([1, 2])("stay bit by bit, and nothing is held for them, in %i parts", async (microBatches) => {
    const optimizer = adafactor({ frozen: ["below/.+"], weightDecay: 0.1 });
    expect(Object.keys(optimizer.initOnHost(params()))).toEqual(["head/kernel"]);
    const { below, head, losses } = await train(optimizer, microBatches);
    expect(below).toEqual(Array.from(params().below.kernel.data));
    expect(head).not.toEqual(Array.from(params().head.kernel.data));
    expect(losses[2]).toBeLessThan(losses[0]!);
  });

  it("cannot be all there are", () => {
    expect(() => adafactor({ frozen: [".+"] }).initOnHost(params())).toThrow(
      'frozen: [".+"] covers all 2 parameters, so there is nothing to train; leave out those that are to learn, such as "head/kernel"',
    );
  });

  it("are named when a pattern matches none", () => {
    expect(() => adafactor({ frozen: ["blow/.+"] }).initOnHost(params())).toThrow(
      'frozen: the rule "blow/.+" matches no parameter; names are like "below/kernel", "head/kernel"',
    );
  });
});

it("moves averages towards the parameters by the share it is given", async () => {
  const { head } = await train(sgd({ momentum: 0 }), 1);
  const { average } = await train(sgd({ momentum: 0 }), 2, { averagingShare: 1 }, true);
  expectClose(average, head);
});
