import { checkTrainConfig, overrideConfig, trainConfigFields } from "../../config/check-config.ts";
import { resolveConfig } from "../../config/train-config.ts";
import { readRunInfo } from "../../runs/info.ts";
import { train } from "../../trainer.ts";
import { branchConfig } from "../../transfer/start.ts";
import { type Command, UsageError } from "../arguments.ts";
import type { Output } from "./output.ts";
import { untilStopped } from "./until-stopped.ts";

/** `vitscale branch RUN@STEP --cooldown N` */
export const branchCommand = (output: Output): Command => ({
  positionals: ["RUN@STEP"],
  help: "Branches a cool-down off a run: goes on from a checkpoint while the learning rate falls to 0.",
  options: {
    cooldown: { type: "text", value: "N", help: "steps of the cool-down" },
    out: { type: "text", value: "DIR", help: "folder of the new run; runs/NAME by default" },
    resume: { type: "flag", help: "go on from the newest checkpoint of the new run" },
    set: { type: "texts", value: "FIELD=VALUE", help: "change a field of the run's configuration" },
  },
  fields: trainConfigFields,
  async run({ positionals: [from = ""], texts, flags, overrides }) {
    const [, run, step] = /^(.+)@(\d+)$/.exec(from) ?? [];
    const [cooldown = ""] = texts.cooldown ?? [];
    if (run === undefined || !/^[1-9]\d*$/.test(cooldown)) {
      throw new UsageError(
        "give a run, a step of it that has a checkpoint, and a length: branch runs/long@8000 --cooldown 2000",
      );
    }
    const trunk: unknown = overrideConfig(readRunInfo(run).config as object, [...(texts.set ?? []), ...overrides]);
    checkTrainConfig(trunk, `the configuration of ${run}`);
    const config = branchConfig(trunk, { run, step: Number(step), cooldownSteps: Number(cooldown) });
    const [out] = texts.out ?? [];
    return untilStopped(output, async (signal) => {
      const options = { ...(out !== undefined && { out }), resume: flags.has("resume"), signal };
      return (await train(resolveConfig(config, "branch"), options)).status === "finished";
    });
  },
});
