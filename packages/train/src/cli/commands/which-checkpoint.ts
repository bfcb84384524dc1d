import { type Arguments, type OptionSpec, UsageError } from "../arguments.ts";

/** `--checkpoint WHICH`, of commands that use the model of a run. */
export const checkpointOption: OptionSpec = {
  type: "text",
  value: "WHICH",
  help: "latest (default), best, or a step",
};

/** The checkpoint that is asked for. @throws UsageError for what is neither a step nor a word for one. */
export function whichCheckpoint({
  checkpoint: [which = "latest"] = [],
}: Arguments["texts"]): "latest" | "best" | number {
  if (which === "latest" || which === "best") return which;
  if (/^\d+$/.test(which)) return Number(which);
  throw new UsageError(`--checkpoint ${which}: give latest, best, or a step`);
}
