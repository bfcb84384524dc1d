import { existsSync } from "node:fs";
import { didYouMean } from "@vitscale/core";
import { mean, standardDeviation } from "@vitscale/eval";
import { formatDuration, formatNumber } from "../../progress.ts";
import { type ListedRun, listRuns } from "../../runs/list.ts";
import { groupSeeds, type SeedGroup } from "../../runs/over-seeds.ts";
import { type Command, UsageError } from "../arguments.ts";
import { errorCell, formatTable, markdownTable } from "../table.ts";
import { describeOutcome } from "./metrics.ts";
import type { Output } from "./output.ts";

/** `vitscale runs [DIR]` */
export const runsCommand = ({ out }: Output): Command => ({
  positionals: ["[DIR]"],
  help: "Lists the runs in a folder, runs by default, last updated first.",
  options: {
    json: { type: "flag", help: "as JSON: folder, path, status, and run.json as info" },
    "over-seeds": {
      type: "flag",
      help: "a line for the finished runs of each configuration: mean ± deviation over seeds",
    },
    metrics: { type: "text", value: "NAMES", help: "with --over-seeds: these columns, such as train/loss,test/top1" },
    markdown: { type: "flag", help: "with --over-seeds: a table of Markdown" },
  },
  async run({ positionals: [folder = "runs"], flags, texts }) {
    if (!existsSync(folder))
      throw new UsageError(`there is no folder ${folder}; give the one that runs were written to`);
    const runs = listRuns(folder);
    const names = texts.metrics?.at(-1)?.split(",");
    if (flags.has("over-seeds")) out(`${overSeeds(groupSeeds(runs), names, flags.has("markdown"), folder)}\n`);
    else if (names !== undefined || flags.has("markdown"))
      throw new UsageError("--metrics and --markdown describe the table of --over-seeds; give that too");
    else if (flags.has("json")) out(`${JSON.stringify(runs, null, 2)}\n`);
    else out(runs.length === 0 ? `no runs in ${folder}\n` : `${formatTable([header, ...runs.map(rowOf)])}\n`);
    return 0;
  },
});

const header = ["RUN", "STATUS", "STEP", "UPDATED", "METRICS"];

function rowOf({ path, status, info, problem }: ListedRun): string[] {
  if (info === undefined) return [path, status, "", "", errorCell(problem ?? "")];
  const age = Math.max(0, Date.now() - Date.parse(info.updated)) / 1000;
  return [
    path,
    status,
    `${info.step}/${info.steps}`,
    `${formatDuration(age)} ago`,
    describeOutcome(info.error, info.summary),
  ];
}

/** The table of `--over-seeds`; without names, the losses and accuracies that all groups have. */
function overSeeds(
  groups: readonly SeedGroup[],
  given: readonly string[] | undefined,
  asMarkdown: boolean,
  folder: string,
) {
  if (groups.length === 0) return `no finished runs in ${folder}`;
  const known = [...new Set(groups.flatMap(({ metrics }) => Object.keys(metrics)))];
  const names = given ?? known.filter((name) => /\/(loss|top1)$/.test(name));
  const missing = names.find((name) => !known.includes(name));
  if (missing !== undefined)
    throw new UsageError(`no run in ${folder} has the metric ${missing}${didYouMean(missing, known)}`);
  const rows = groups.map(({ path, seeds, metrics }) => [
    path,
    `${seeds.length}`,
    ...names.map((name) => withSpread(metrics[name] ?? [])),
  ]);
  const table = [["run", "seeds", ...names], ...rows];
  return asMarkdown ? markdownTable(table) : formatTable(table);
}

/** `1.234 ± 0.012`: mean and standard deviation; the value alone where there is one. */
function withSpread(values: readonly number[]): string {
  if (values.length === 0) return "";
  const center = mean(values);
  if (values.length < 2) return formatNumber(center);
  const spread = standardDeviation(values);
  const places = Math.max(0, 1 - Math.floor(Math.log10(spread || 1)));
  return `${center.toFixed(places)} ± ${spread.toFixed(places)}`;
}
