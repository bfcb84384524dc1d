import { findCheckpoint } from "../../checkpoints/files.ts";
import { checkTrainConfig, overrideConfig, trainConfigFields } from "../../config/check-config.ts";
import { fieldPath } from "../../config/field-path.ts";
import { resolveConfig, type TrainConfig } from "../../config/train-config.ts";
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
    const [cooldown] = texts.cooldown ?? [];
    if (run === undefined || cooldown === undefined) {
      throw new UsageError(
        "give a run, a step of it that has a checkpoint, and a length: branch runs/long@8000 --cooldown 2000",
      );
    }
    if (!/^[1-9]\d*$/.test(cooldown)) {
      throw new UsageError(
        `--cooldown ${cooldown}: give the steps over which the rate falls to 0, 1 or more; a run goes on without a cool-down by ` +
          `start: { kind: "branch", run: "${run}", step: ${step} } in a configuration`,
      );
    }
    const changes = [...(texts.set ?? []), ...overrides];
    const trunk: unknown = overrideConfig(readRunInfo(run).config as object, changes);
    checkTrainConfig(trunk, `the configuration of ${run}`);
    requireFreeFields(changes, trunk);
    // What was branched off may be gone once the branch has checkpoints of its own.
    if (!flags.has("resume")) findCheckpoint(run, Number(step));
    const branch = branchConfig(trunk, { run, step: Number(step), cooldownSteps: Number(cooldown) });
    const isNamed = changes.some((change) => pathOf(change) === "name");
    const config = isNamed && trunk.name !== undefined ? { ...branch, name: trunk.name } : branch;
    const [out] = texts.out ?? [];
    return untilStopped(output, async (signal) => {
      const options = { ...(out !== undefined && { out }), resume: flags.has("resume"), signal };
      return (await train(resolveConfig(config, "branch"), options)).status === "finished";
    });
  },
});

/** What a branch says of fields by itself, and how to say it otherwise. */
const determined: Readonly<Record<string, string>> = {
  steps: "a branch ends with its cool-down; give its length by --cooldown",
  "schedule.cooldownSteps": "give the length of the cool-down by --cooldown",
  seed: "a branch goes on with the data and the chance of its run; branch off a run of that seed",
  start: "a branch begins with what stands before --cooldown, RUN@STEP",
};

/** @throws UsageError for a change of a field that would have no effect, or break what a branch is. */
function requireFreeFields(changes: readonly string[], { schedule }: TrainConfig): void {
  for (const change of changes) {
    const path = pathOf(change);
    const isCooldownGiven = path === "schedule" && schedule.cooldownSteps !== undefined;
    const taken = isCooldownGiven
      ? "schedule.cooldownSteps"
      : Object.keys(determined).find((field) => path === field || path.startsWith(`${field}.`));
    if (taken !== undefined) throw new UsageError(`${taken} of a branch cannot be changed: ${determined[taken]}`);
  }
}

/** The path of the field that a change such as `train.steps=5` is of. */
function pathOf(change: string): string {
  return fieldPath(change.split("=", 1)[0] ?? "");
}
