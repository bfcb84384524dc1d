import type * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, hostTensor, isHostTensor, jit, treeEntries } from "@vitscale/core";
import { meanOf, sigmoidCrossEntropy } from "@vitscale/train";
import { init, type ViTConfig, type ViTParameters, vit22b } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { digits } from "../report/format.ts";
import { mean } from "../statistics/summary.ts";
import { predictor } from "../training/vit-program.ts";
import { smallModel } from "./shared.ts";

interface Plan {
  /** A model with as many classes as JFT-3B has, and a head that begins at zero. */
  readonly sigmoid: ViTConfig;
  readonly fused: ViTConfig;
}

interface Measurement {
  /** Sigmoid loss of an image with one label before training. */
  readonly withBias: number;
  readonly withoutBias: number;
  /** Standard deviation of the query, key and value columns of the fused kernels. */
  readonly queryDeviation: number;
}

const classes = 29_593;
const images = 4;

/** Sigmoid loss before the first step: every class is a question of its own, of which one has the answer yes. */
const printedLosses = { withBias: classes * Math.log1p(Math.exp(-10)) + 10, withoutBias: classes * Math.LN2 };
const isNear = (measured: number, printed: number) => Math.abs(measured / printed - 1) < 1e-4;

/** Where training begins: the loss of the sigmoid head, and the scale of fused kernels. */
export const initialValues = defineClaim<Plan, Measurement>({
  name: "initial-values",
  title: "the loss before the first step, and the scale of fused kernels",
  version: 1,
  seconds: { quick: 3, full: 3 },
  statements: {
    bias: {
      kind: "paper",
      isExact: true,
      says: "With a bias of −10, the sigmoid loss over 29,593 classes begins near what one wrong label costs",
      source: "Zhai et al. 2022 app. C; big_vision configs/proj/scaling_laws/train_vit_g.py",
      printed: "10 + C·log(1 + e⁻¹⁰) = 11.343 for one label; C·ln 2 = 20,512 without the bias",
      rule: "reproduced: both losses of a real forward pass agree with the closed form to 0.01 %; else not seen",
    },
    fused: {
      kind: "paper",
      isExact: true,
      says: "Fused kernels begin as their parts would: twice as large as Xavier's rule for the fused matrix",
      source: "Dehghani et al. 2023 §2 (fusion); big_vision models/vit.py (Xavier for each part)",
      printed: "√((4d + m) / 2d) = 2.0 for queries, keys and values, m = 4d",
      rule: "reproduced: the ratio of standard deviations in ViT-S/16 rounds to 2.0; else not seen",
    },
  },

  plan: () => ({
    sigmoid: smallModel({ classes, headBias: -10, headKernel: "zeros" }),
    fused: vit22b("S/16", { pooling: "gap", depth: 1 }),
  }),

  async measure({ sigmoid, fused }, { engine, progress }) {
    progress(0, "measuring the first loss");
    const batch = hostTensor("float32", [images, sigmoid.imageSide, sigmoid.imageSide, 3]);
    batch.data.forEach((_, i) => {
      batch.data[i] = ((i * 37) % 256) / 128 - 1;
    });
    const labels = hostTensor(
      "int32",
      [images],
      Int32Array.from({ length: images }, (_, i) => 1000 * i),
    );
    const lossOf = async (config: ViTConfig) => {
      const loss = jit(
        (params: ViTParameters<tf.Tensor>, pixels: tf.Tensor, classesOf: tf.Tensor) =>
          meanOf(sigmoidCrossEntropy(predictor(config)(params, pixels), classesOf)),
        { engine, name: "first-loss" },
      );
      const value = await loss(init(config, 0), batch, labels);
      const [number] = await value.read();
      await loss.dispose();
      return number as number;
    };
    return {
      withBias: await lossOf(sigmoid),
      withoutBias: await lossOf({ ...sigmoid, headBias: 0 }),
      queryDeviation: queryDeviation(fused),
    };
  },

  judge({ withBias, withoutBias, queryDeviation: deviation }, { fused: { width, mlpWidth } }) {
    // A uniform distribution on ±a has the standard deviation a/√3; Xavier's a is √(6 / (inputs + outputs)).
    const ofFusedMatrix = Math.sqrt(2 / (width + 3 * width + mlpWidth));
    const ratio = deviation / ofFusedMatrix;
    const isExact = isNear(withBias, printedLosses.withBias) && isNear(withoutBias, printedLosses.withoutBias);
    return {
      bias: {
        measured: `${digits(withBias, 5)} with, ${digits(withoutBias, 5)} without`,
        verdict: isExact ? "reproduced" : "not seen at this scale",
      },
      fused: {
        measured: digits(ratio),
        verdict: ratio.toFixed(1) === "2.0" ? "reproduced" : "not seen at this scale",
      },
    };
  },
});

/** Over the columns of queries, keys and values in the fused input kernels [d, 3d + m]. */
function queryDeviation(config: ViTConfig): number {
  const kernels = treeEntries<HostTensor>(init(config, 0), isHostTensor).filter(([path]) =>
    path.endsWith("/in/kernel"),
  );
  const values = kernels.flatMap(([, { shape, data }]) =>
    [...data].filter((_, i) => i % (shape[1] as number) < 3 * config.width),
  );
  return Math.sqrt(mean(values.map((value) => value ** 2)));
}
