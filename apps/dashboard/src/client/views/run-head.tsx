import type { RunSummary } from "../../shared/api.ts";
import { go } from "../model/address.ts";
import { nameWithGroup } from "../model/format.ts";
import { listed, shown } from "../model/selection.ts";
import { Select } from "../parts/controls.tsx";
import { Progress, Status } from "../parts/status.tsx";

/** Which run a view of one run shows, and how it is. */
export function RunHead({ run, children }: { readonly run: RunSummary; readonly children?: preact.ComponentChildren }) {
  const choices = [run, ...shown.value, ...listed.value.slice(0, 200)];
  const distinct = choices.filter(({ id }, index) => choices.findIndex((other) => other.id === id) === index);
  return (
    <div class="toolbar run-head">
      <Select label="Run" value={run.id} onChange={(run) => go({ run, step: null, detail: "" })}>
        {distinct.map((one) => (
          <option key={one.id} value={one.id}>
            {nameWithGroup(one)}
          </option>
        ))}
      </Select>
      <Status status={run.status} />
      {run.status !== "finished" && <Progress run={run} />}
      {children}
    </div>
  );
}
