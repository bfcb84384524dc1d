import { didYouMean, saveNpz, saveSafetensors } from "@vitscale/core";
import type { ResolvedConfig } from "../../config/train-config.ts";
import { requireWritable } from "../../file-errors.ts";
import { readRunInfo } from "../../runs/info.ts";
import { extractFeatures } from "../../transfer/features.ts";
import { loadModel } from "../../transfer/weights.ts";
import { type Command, UsageError } from "../arguments.ts";
import type { Output } from "./output.ts";
import { checkpointOption, whichCheckpoint } from "./which-checkpoint.ts";

/** `vitscale features RUN --of NAME --out FILE` */
export const featuresCommand = ({ out: print }: Output): Command => ({
  positionals: ["RUN"],
  help: "Writes what a run's model makes of images: features [images, width] and labels [images].",
  options: {
    of: { type: "text", value: "NAME", help: "data of one of the run's evaluations; those of training by default" },
    checkpoint: checkpointOption,
    out: { type: "text", value: "FILE", help: "a .safetensors or .npz file" },
    feature: {
      type: "texts",
      value: "NAME,…",
      help: "intermediates of the model, side by side; pre_logits by default",
    },
  },
  async run({ positionals: [run = ""], texts }) {
    const [path = ""] = texts.out ?? [];
    const save = path.endsWith(".npz") ? saveNpz : path.endsWith(".safetensors") ? saveSafetensors : undefined;
    if (save === undefined) throw new UsageError("--out is missing: give a .safetensors or .npz file");
    const checkpoint = whichCheckpoint(texts);
    const config = readRunInfo(run).config as ResolvedConfig;
    const [name] = texts.of ?? [];
    const data = name === undefined ? config.data : config.evaluations[name]?.data;
    if (data === undefined) {
      const names = Object.keys(config.evaluations);
      throw new UsageError(
        `${run} has no evaluation "${name}"${didYouMean(`${name}`, names)}; it has ${names.join(", ") || "none"}`,
      );
    }
    // Told before the images are looked at, not after.
    requireWritable(path);
    const model = await loadModel({ kind: "run", run, checkpoint }, config.model);
    const names = texts.feature?.flatMap((text) => text.split(","));
    const options = { pixels: config.pixels, batchSize: config.batchSize, ...(names && { names }) };
    const { features, labels } = await extractFeatures(model, data, options);
    await save(path, { features, labels });
    print(`${path}: features [${features.shape}], labels [${labels.shape}]\n`);
    return 0;
  },
});
