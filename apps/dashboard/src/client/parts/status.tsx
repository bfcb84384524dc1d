import type { RunStatus, RunSummary } from "../../shared/api.ts";
import { formatPercent } from "../model/format.ts";

const meanings: Readonly<Record<RunStatus, string>> = {
  running: "running",
  finished: "finished",
  interrupted: "stopped when asked; it can be resumed",
  failed: "ended by an error",
  killed: "says it is running, but has been silent for more than two minutes",
  unreadable: "its record is damaged",
};

/** A run's status: a dot whose shape differs too, and a word. */
export function Status({ status, short = false }: { readonly status: RunStatus; readonly short?: boolean }) {
  return (
    <span class={`status ${status}`} title={meanings[status]}>
      <span class="status-dot" aria-hidden="true" />
      <span class={short ? "hidden" : ""}>{status}</span>
    </span>
  );
}

/** How far a run is. */
export function Progress({ run }: { readonly run: RunSummary }) {
  const share = run.steps > 0 ? Math.min(1, run.step / run.steps) : 0;
  return (
    <span class={`progress ${run.status}`} title={`step ${run.step} of ${run.steps}`}>
      <span class="progress-bar" style={{ width: `${100 * share}%` }} />
      <span class="hidden">{formatPercent(share)}</span>
    </span>
  );
}
