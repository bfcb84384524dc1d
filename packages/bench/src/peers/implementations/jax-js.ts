import { type HostTensor, isHostTensor, treeEntries } from "@vitscale/core";
import { blockName, init as initParameters, type ViTConfig } from "@vitscale/vit";
import { firstLosses, type Implementation, taskBatch, taskOf, timed } from "../implementation.ts";
import { importPeer } from "../packages.ts";

type JaxJs = typeof import("@jax-js/jax");
type Array = import("@jax-js/jax").Array;
type Weights = Record<string, Array>;

/**
 * The same step in jax-js, jitted, on its WebAssembly backend: the ViT-22B block with fused projections.
 *
 * In jax-js a use of an array consumes it, and `.ref` keeps it for another use.
 */
export const jaxJs: Implementation = async (given) => {
  const task = taskOf(given, "train-step", "jax-js");
  const jax = await importPeer<JaxJs>("@jax-js/jax");
  // Without names it looks for a browser's navigator.
  await jax.init("cpu", "wasm");
  jax.defaultDevice("wasm");
  const { numpy: np, tree } = jax;

  const loss = lossOf(jax, task.model);
  const update = jax.jit(
    (weights: Weights, first: Weights, second: Weights, images: Array, targets: Array, at: Array) => {
      const [value, gradients] = jax.valueAndGrad(loss)(tree.ref(weights), images, targets) as [Array, Weights];
      const squares = Object.values(gradients).map((gradient) => np.sum(np.square(gradient.ref)));
      const norm = np.sqrt(squares.reduce((sum, square) => np.add(sum, square)));
      const scale = np.divide(1, np.maximum(norm, 1));
      const [newWeights, newFirst, newSecond]: Weights[] = [{}, {}, {}];
      for (const [name, weight] of Object.entries(weights)) {
        const gradient = gradients[name]!.mul(scale.ref);
        const m = first[name]!.mul(0.9).add(gradient.ref.mul(0.1));
        const v = second[name]!.mul(0.999).add(np.square(gradient).mul(0.001));
        newFirst![name] = m.ref;
        newSecond![name] = v.ref;
        // at: [learning rate · √(1 − β2^t) / (1 − β1^t), ε·√(1 − β2^t)], so that the correction is two scalars.
        const direction = m.div(np.sqrt(v).add(at.ref.slice(1))).mul(at.ref.slice(0));
        const decay = name.endsWith("kernel") ? task.learningRate * task.weightDecay : 0;
        newWeights![name] = weight.mul(1 - decay).sub(direction);
      }
      scale.dispose();
      at.dispose();
      return [value, newWeights!, newFirst!, newSecond!] as [Array, Weights, Weights, Weights];
    },
  );

  const batch = taskBatch(task);
  const side = task.model.imageSide;
  const images = np.array(
    Float32Array.from(batch.images.data, (byte) => (byte / 255 - 0.5) / 0.5),
    {
      shape: [task.batch, side, side, task.model.channels],
    },
  );
  const targets = jax.nn.oneHot(np.array(batch.labels.data), task.model.classes);
  const entries = treeEntries<HostTensor<"float32">>(initParameters(task.model, 0), isHostTensor);
  let weights: Weights = Object.fromEntries(
    entries.map(([name, { shape, data }]) => [
      name,
      np.array(data as Float32Array<ArrayBuffer>, { shape: [...shape] }),
    ]),
  );
  const zeros = (): Weights => Object.fromEntries(entries.map(([name, { shape }]) => [name, np.zeros([...shape])]));
  let [first, second] = [zeros(), zeros()];
  let count = 0;

  const take = async () => {
    count++;
    const correction = Math.sqrt(1 - 0.999 ** count);
    const at = np.array([(task.learningRate * correction) / (1 - 0.9 ** count), 1e-8 * correction]);
    const [value, ...state] = update(weights, first, second, images.ref, targets.ref, at) as [
      Array,
      Weights,
      Weights,
      Weights,
    ];
    [weights, first, second] = state;
    await jax.blockUntilReady(state);
    return (await value.data())[0] as number;
  };

  return {
    version: "jax-js, backend wasm",
    threads: 1,
    check: await firstLosses(take),
    run: async () => [await timed(take)],
  };
};

/** Mean softmax cross-entropy of images [batch, side, side, channels] and one-hot targets [batch, classes]. */
function lossOf({ numpy: np, nn }: JaxJs, model: ViTConfig) {
  const { width, heads, mlpWidth, patchSide, imageSide, channels, normEpsilon } = model;
  const grid = imageSide / patchSide;
  const tokens = grid ** 2;
  const headWidth = width / heads;

  const rmsNorm = (x: Array, scale: Array) =>
    x.ref.mul(np.reciprocal(np.sqrt(np.mean(np.square(x), -1, { keepdims: true }).add(normEpsilon)))).mul(scale);

  return (weights: Weights, images: Array, targets: Array): Array => {
    const weight = (name: string) => weights[name]!.ref;
    const batch = images.shape[0]!;
    const patches = images
      .reshape([batch, grid, patchSide, grid, patchSide * channels])
      .transpose([0, 1, 3, 2, 4])
      .reshape([batch * tokens, patchSide * patchSide * channels]);
    let x = np.matmul(patches, weight("patch/kernel")).add(weight("patch/bias")).reshape([batch, tokens, width]);
    x = x.add(weight("positions"));

    for (let index = 0; index < model.depth; index++) {
      const of = (name: string) => weight(`encoder/${blockName(index)}/${name}`);
      const normed = rmsNorm(x.ref, of("norm/scale")).reshape([batch * tokens, width]);
      const [qkv, up] = np.split(np.matmul(normed, of("in/kernel")), [3 * width], -1) as [Array, Array];
      const parts = np.split(qkv.reshape([batch, tokens, 3, heads, headWidth]).transpose([2, 0, 3, 1, 4]), 3, 0);
      const [query, key, value] = parts.map((part) => part.reshape([batch, heads, tokens, headWidth])) as [
        Array,
        Array,
        Array,
      ];
      const q = rmsNorm(query, of("attention/query_norm/scale")).mul(headWidth ** -0.5);
      const k = rmsNorm(key, of("attention/key_norm/scale"));
      const probabilities = nn.softmax(np.matmul(q, k.transpose([0, 1, 3, 2])), -1);
      const mixed = np
        .matmul(probabilities, value)
        .transpose([0, 2, 1, 3])
        .reshape([batch * tokens, width]);
      const hidden = nn.gelu(up.add(of("in/mlp_bias")), { approximate: true }).reshape([batch * tokens, mlpWidth]);
      const branch = np.matmul(np.concatenate([mixed, hidden], -1), of("out/kernel")).add(of("out/bias"));
      x = x.add(branch.reshape([batch, tokens, width]));
    }
    const pooled = np.mean(rmsNorm(x, weight("final_norm/scale")), 1);
    const logits = np.matmul(pooled, weight("head/kernel")).add(weight("head/bias"));
    const losses = np.sum(nn.logSoftmax(logits, -1).mul(targets), -1);
    for (const array of Object.values(weights)) array.dispose();
    return np.mean(losses).neg();
  };
}
