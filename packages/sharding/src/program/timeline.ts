import { writeFileSync } from "node:fs";
import type { Collective } from "../collectives/algorithms.ts";
import { describeCollective } from "../collectives/traffic.ts";
import type { Task } from "./frontier.ts";

/** A segment or transfer that has ended; times are milliseconds of `performance.now()`. */
export interface TaskEvent {
  readonly kind: "segment" | "transfer";
  readonly name: string;
  readonly rank: number;
  readonly start: number;
  readonly end: number;
}

export type TaskObserver = (event: TaskEvent) => void;

/** Collects what ran when, to look at in chrome://tracing or ui.perfetto.dev: a process for each rank, computation on top. */
export class Timeline {
  readonly events: TaskEvent[] = [];

  /** An observer for `meshEngine`. */
  readonly observe: TaskObserver = (event) => this.events.push(event);

  /** The events as a Chrome trace. Transfers that overlap lie on rows of their own. */
  toChromeTrace(): { traceEvents: Record<string, unknown>[] } {
    const rows = new Map<number, number[]>();
    const rowOf = ({ kind, rank, start, end }: TaskEvent): number => {
      if (kind === "segment") return 0;
      const ends = rows.get(rank) ?? [];
      rows.set(rank, ends);
      const free = ends.findIndex((last) => last <= start);
      const row = free < 0 ? ends.length : free;
      ends[row] = end;
      return row + 1;
    };
    const traceEvents = [...this.events]
      .sort((a, b) => a.start - b.start)
      .map((event) => ({
        name: event.name,
        cat: event.kind,
        ph: "X",
        // Microseconds since the clock that all threads of a process share.
        ts: Math.round(1e3 * event.start),
        dur: Math.round(1e3 * (event.end - event.start)),
        pid: event.rank,
        tid: rowOf(event),
      }));
    const ranks = [...new Set(this.events.map(({ rank }) => rank))].sort((a, b) => a - b);
    const names = ranks.map((rank) => ({ name: "process_name", ph: "M", pid: rank, args: { name: `rank ${rank}` } }));
    return { traceEvents: [...names, ...traceEvents] };
  }

  /** Writes the trace to a file. */
  save(path: string): void {
    writeFileSync(path, JSON.stringify(this.toChromeTrace()));
  }
}

/** What a task is, in a few words. */
export function describeTask(task: Task): string {
  if (task.kind === "transfer") return describeCollective(task.node as Collective, task.inputs[0]);
  const counts = new Map<string, number>();
  for (const { operation, inputs } of task.graph.nodes) {
    if (inputs.length > 0) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 3);
  return `level ${task.level}: ${most.map(([operation, count]) => `${count} ${operation}`).join(", ")}`;
}
