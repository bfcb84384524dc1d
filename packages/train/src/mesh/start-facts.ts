import { describeSource } from "../machine.ts";
import { packageVersion } from "../package-version.ts";
import type { RankInput } from "./rank.ts";

/**
 * What has to be the same on all ranks of a run, a text for each thing, so that the one in which two differ can be named: versions, the
 * commit of the program (or of the project that has it installed), the mesh, options, and every field of the configuration.
 */
export function startFacts({ config, axes, options }: RankInput): Record<string, string> {
  const { commit, modified } = describeSource(import.meta.dirname) ?? {};
  const { data = 1, model = 1 } = axes;
  return {
    node: process.version,
    vitscale: packageVersion(),
    commit: commit === undefined ? "none" : `${commit}${modified ? ", with changes" : ""}`,
    mesh: `data=${data},model=${model}`,
    ...textsOf(options, "option "),
    ...textsOf(config),
  };
}

function textsOf(fields: object, prefix = ""): Record<string, string> {
  const texts = Object.entries(fields).map(([name, value]) => [prefix + name, JSON.stringify(value) ?? "absent"]);
  return Object.fromEntries(texts);
}
