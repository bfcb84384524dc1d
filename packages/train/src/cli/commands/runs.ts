import { existsSync } from "node:fs";
import { formatDuration } from "../../progress.ts";
import { type ListedRun, listRuns } from "../../runs/list.ts";
import { type Command, UsageError } from "../arguments.ts";
import { formatTable } from "../table.ts";
import { describeMetrics } from "./metrics.ts";
import type { Output } from "./output.ts";

/** `vitscale runs [DIR]` */
export const runsCommand = ({ out }: Output): Command => ({
  positionals: ["[DIR]"],
  help: "Lists the runs in a folder, runs by default, last updated first.",
  options: { json: { type: "flag", help: "as JSON: folder, path, status, and run.json as info" } },
  async run({ positionals: [folder = "runs"], flags }) {
    if (!existsSync(folder))
      throw new UsageError(`there is no folder ${folder}; give the one that runs were written to`);
    const runs = listRuns(folder);
    if (flags.has("json")) out(`${JSON.stringify(runs, null, 2)}\n`);
    else out(runs.length === 0 ? `no runs in ${folder}\n` : `${formatTable([header, ...runs.map(rowOf)])}\n`);
    return 0;
  },
});

const header = ["RUN", "STATUS", "STEP", "UPDATED", "METRICS"];

function rowOf({ path, status, info, problem }: ListedRun): string[] {
  if (info === undefined) return [path, status, "", "", problem ?? ""];
  const age = Math.max(0, Date.now() - Date.parse(info.updated)) / 1000;
  return [
    path,
    status,
    `${info.step}/${info.steps}`,
    `${formatDuration(age)} ago`,
    info.error ?? describeMetrics(info.summary),
  ];
}
