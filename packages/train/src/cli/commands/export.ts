import { existsSync } from "node:fs";
import { join } from "node:path";
import { didYouMean } from "@vitscale/core";
import { type ExportFormat, exportFormats, exportRun } from "../../exports/export-run.ts";
import { exportToMlflow } from "../../exports/mlflow.ts";
import { noRunIn } from "../../runs/info.ts";
import { type ListedRun, listRuns } from "../../runs/list.ts";
import { type Command, UsageError } from "../arguments.ts";
import type { Output } from "./output.ts";

const targets = [...exportFormats, "mlflow"];

/** `vitscale export RUN --to FORMAT` */
export const exportCommand = ({ out: print, error: warn }: Output): Command => ({
  positionals: ["RUN"],
  help: "Writes a run, or all runs in a folder, in another format.",
  options: {
    to: { type: "text", value: "FORMAT", help: targets.join(", ") },
    out: { type: "text", value: "DIR", help: "where to write; into the run's folder by default" },
    url: { type: "text", value: "URL", help: "MLflow server (MLFLOW_TRACKING_URI)" },
    experiment: { type: "text", value: "NAME", help: "experiment in MLflow; the group, or vitscale, by default" },
  },
  async run({ positionals: [root = ""], texts }) {
    const [to] = texts.to ?? [];
    if (to === undefined || !targets.includes(to)) {
      const given = to === undefined ? "--to is missing" : `there is no format "${to}"${didYouMean(to, targets)}`;
      throw new UsageError(`${given}; the formats are ${targets.join(", ")}`);
    }
    const runs = runsIn(root);
    let isWhole = true;
    const onDamage = (problem: string) => {
      isWhole = false;
      warn(`${problem}\n`);
    };
    for (const { folder, path, info, problem } of runs) {
      if (info === undefined) {
        onDamage(`${problem}`);
        continue;
      }
      if (to === "mlflow") {
        const [url = process.env.MLFLOW_TRACKING_URI] = texts.url ?? [];
        const [experiment] = texts.experiment ?? [];
        if (url === undefined) throw new UsageError("--url is missing: give the address of the MLflow server");
        const { link, rows } = await exportToMlflow(folder, {
          ...{ url, onDamage },
          ...(experiment !== undefined && { experiment }),
        });
        print(`${folder}: ${rows} rows sent; ${link}\n`);
      } else {
        const [out] = texts.out ?? [];
        print(`${exportRun(folder, to as ExportFormat, out === undefined ? folder : join(out, path), onDamage)}\n`);
      }
    }
    if (isWhole) return 0;
    warn("what is damaged was left out; all else was exported\n");
    return 1;
  },
});

/** Runs, readable or not. @throws UsageError when there is none. */
function runsIn(root: string): ListedRun[] {
  const runs = existsSync(root) ? listRuns(root) : [];
  if (runs.length > 0) return runs;
  throw new UsageError(noRunIn(root));
}
