import type * as tf from "@tensorflow/tfjs-core";
import {
  type CompileReport,
  type DeviceTensor,
  type Engine,
  type HostTensor,
  type JitOptions,
  jit,
  type MapLeaves,
} from "@vitscale/core";
import {
  buildOptimizer,
  type HostParameters,
  type OptimizerConfig,
  softmaxCrossEntropy,
  type TrainState,
  trainStep,
  unitRange,
} from "@vitscale/train";
import { apply, init, type ViTConfig, type ViTParameters } from "@vitscale/vit";

/** State of a training in an engine's memory. */
export type StateInMemory = MapLeaves<TrainState<ViTParameters<tf.Tensor>>, tf.Tensor, DeviceTensor>;

/** One batch: uint8 images [batch, side, side, 3] and int32 classes [batch]. */
export interface HostBatch {
  readonly images: HostTensor<"uint8">;
  readonly labels: HostTensor<"int32">;
}

/** How the programs of a model are made. */
export interface ProgramOptions {
  readonly engine: Engine;
  /** AdamW with its defaults unless given. */
  readonly optimizer?: OptimizerConfig;
  /** Largest global norm of the gradients, 1 as in the recipes of the papers. */
  readonly clipNorm?: number;
  /** See the option of `jit`: memory for arithmetic. */
  readonly rematerialize?: JitOptions["rematerialize"];
  readonly onCompile?: (report: CompileReport) => void;
}

/** The jitted training step of a model: softmax cross-entropy, clipping, an optimizer. Compiled once for any seed and learning rate. */
export interface VitProgram {
  /** The state before the first step: of the parameters that the model draws by the seed, or of those given. */
  begin(seed: number, params?: HostParameters): Promise<StateInMemory>;
  /**
   * One step; the given state is used up.
   *
   * @param count steps finished before
   */
  step(
    state: StateInMemory,
    batch: HostBatch,
    at: { readonly learningRate: number; readonly count: number },
  ): Promise<{ readonly state: StateInMemory; readonly loss: number; readonly gradientNorm: number }>;
  dispose(): Promise<void>;
}

type Parameters = ViTParameters<tf.Tensor>;

/** Logits of normalised images; intermediates that nobody reads are not computed. */
export function predictor(config: ViTConfig) {
  return (params: Parameters, images: tf.Tensor) => apply(params, images, config, { keep: () => false }).logits;
}

/** The parts of {@link trainStep} that all training in this package shares. */
export function stepParts(
  config: ViTConfig,
  { optimizer = { kind: "adamw" }, clipNorm = 1 }: Omit<ProgramOptions, "engine"> = {},
) {
  return {
    predict: predictor(config),
    loss: softmaxCrossEntropy,
    optimizer: buildOptimizer(optimizer, config),
    pixels: unitRange,
    classes: config.classes,
    clipNorm,
  };
}

/** Compiles nothing yet: that happens at the first step. */
export function vitProgram(config: ViTConfig, options: ProgramOptions): VitProgram {
  const { engine, rematerialize, onCompile } = options;
  const parts = stepParts(config, options);
  const initialize = jit((params: Parameters) => ({ params, optimizer: parts.optimizer.init(params) }), {
    engine,
    name: "initialize",
  });
  const step = jit(trainStep<Parameters>(parts), {
    engine,
    donate: [0],
    name: "train-step",
    ...(rematerialize && { rematerialize }),
    ...(onCompile && { onCompile }),
  });
  return {
    begin: (seed, params = init(config, seed)) => initialize(params),
    async step(state, batch, { learningRate, count }) {
      const result = await step(state, batch, { learningRate, ...parts.optimizer.scalars(count) });
      return {
        state: result.state,
        loss: await scalar(result.metrics["train/loss"]),
        gradientNorm: await scalar(result.metrics["optim/grad-norm"]),
      };
    },
    async dispose() {
      await initialize.dispose();
      await step.dispose();
    },
  };
}

/** Reads a scalar and frees it. */
async function scalar(tensor: DeviceTensor): Promise<number> {
  const [value] = await tensor.read();
  tensor.dispose();
  return value as number;
}
