import type { RunSummary } from "../../../shared/api.ts";
import { isObject, list, text } from "../../../shared/json.ts";
import { formatAgo, formatBytes, formatDuration } from "../../model/format.ts";

/** What a run is and what it runs on, from its record. */
export function Facts({ run, info }: { readonly run: RunSummary; readonly info: unknown }) {
  const record = isObject(info) ? info : {};
  const machine = isObject(record.machine) ? record.machine : {};
  const source = isObject(record.source) ? record.source : {};
  const engine = isObject(record.engine) ? record.engine : {};
  const resumed = list(record.resumed).length;
  const facts: readonly (readonly [string, string])[] = [
    ["Steps", `${run.step} of ${run.steps}`],
    ["Started", run.started === null ? "" : formatAgo(run.started)],
    [
      "Took",
      run.started === null || run.updated === null ? "" : formatDuration(Math.max(0, run.updated - run.started) / 1000),
    ],
    ["Resumed", resumed === 0 ? "" : resumed === 1 ? "once" : `${resumed} times`],
    ["Seed", run.seed === null ? "" : `${run.seed}`],
    [
      "Commit",
      source.commit === undefined
        ? ""
        : `${text(source.commit).slice(0, 10)}${source.modified === true ? ", changed" : ""}`,
    ],
    [
      "Machine",
      [
        machine.cores && `${machine.cores} cores`,
        text(machine.cpu),
        typeof machine.memoryBytes === "number" && formatBytes(machine.memoryBytes),
      ]
        .filter(Boolean)
        .join(", "),
    ],
    ["Engine", text(engine.reason) || text(engine.name)],
    ["Error", text(record.error)],
    ["Note", run.note],
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== "")
        .map(([name, value]) => (
          <div key={name} class={name === "Error" ? "wrong" : ""}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
