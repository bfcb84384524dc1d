import type { RunRecord } from "@vitscale/train";

/** Leaves the times of interleaved rounds in a run record, a row a round: `time/NAME-ms`. */
export function logRounds(record: RunRecord, times: Readonly<Record<string, readonly number[]>>): void {
  const rounds = Math.max(...Object.values(times).map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    const row = Object.entries(times).map(([name, values]) => [`time/${metricName(name)}-ms`, values[round]!] as const);
    record.log(round + 1, Object.fromEntries(row));
  }
  record.update({ status: "finished", step: rounds });
}

/** Any text as the second part of a metric's name. */
export function metricName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
