/**
 * What becomes of the tokens: attention pooling, their mean, or a class token. On CIFAR-10, MNIST and the generated shapes.
 *
 * Claim   all similar in quality (Zhai et al. 2022, §3.2)
 * Run     pnpm vitscale train configs/ablations/pooling.ts --out runs/ablations/pooling --seeds 0,1,2
 */
import { grid } from "@vitscale/train";
import shapes from "../generated-shapes.ts";
import mnist from "../mnist.ts";
import base from "./base.ts";

const { steps, batchSize, schedule, optimizer } = base;
const recipe = { steps, batchSize, schedule, optimizer };

export default [
  { ...base, name: "cifar10" },
  { ...mnist, ...recipe, name: "mnist", model: { ...mnist.model, patchSide: 7 } },
  { ...shapes, ...recipe, name: "shapes", model: { ...shapes.model, patchSide: 8 } },
].flatMap((config) => grid(config, { "model.pooling": ["map", "gap", "tok"] }));
