import { type ViTConfig, vit22b } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { verdictOf } from "../rules.ts";
import { createTrainingMesh, recordTrainingStep } from "../scale/training-step.ts";

interface Plan {
  /** Alike but for the kind of their norms, which have no biases. */
  readonly models: Readonly<Record<"rms" | "layer", ViTConfig>>;
  /** That share the features. */
  readonly ranks: number;
}

/** All-reduces of a training step, forward and backward, as one rank's program has them. */
type Measurement = Readonly<Record<keyof Plan["models"], number>>;

/** What centring costs where ranks share the features that a norm is over. */
export const normCollectives = defineClaim<Plan, Measurement>({
  name: "norm-collectives",
  title: "all-reduces of norms over features that ranks share",
  version: 1,
  seconds: { quick: 2, full: 2 },
  statements: {
    fewer: {
      kind: "paper",
      isExact: true,
      says: "A norm over shared features needs one all-reduce fewer if it does not centre",
      source: "follows from Dehghani et al. 2023 §2, whose norms leave the mean in and whose features are shared",
      printed: "one: Σx² is summed over ranks, and no mean before it",
      rule:
        "all-reduces are counted in the program that one of two ranks records for a training step of ViT-S/16; reproduced: with RMS norms there are fewer " +
        "than with layer norms by exactly one for each norm over the width; else not seen",
    },
  },

  plan: () => ({
    models: {
      rms: vit22b("S/16", { norm: "rms", pooling: "gap" }),
      layer: vit22b("S/16", { norm: "layer", pooling: "gap" }),
    },
    ranks: 2,
  }),

  async measure({ models, ranks }, { progress }) {
    progress(0, "recording two programs");
    const mesh = createTrainingMesh(1, ranks);
    const count = (config: ViTConfig) =>
      recordTrainingStep(config, mesh, { images: 1, form: "plain" }).nodes.filter(
        ({ operation }) => operation === "allReduce",
      ).length;
    return { rms: count(models.rms), layer: count(models.layer) };
  },

  judge({ rms, layer }, { models }) {
    // A parallel block has one norm, and there is one after the last block. Those of queries and keys are over heads, which no two ranks share.
    const normCount = models.rms.depth + 1;
    return {
      fewer: {
        measured: `${rms} a step with RMS norms, ${layer} with layer norms: ${layer - rms} fewer for ${normCount} norms`,
        verdict: verdictOf(layer - rms === normCount, false),
      },
    };
  },
});
