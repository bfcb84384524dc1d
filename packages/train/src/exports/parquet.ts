import { parquetWriteBuffer } from "hyparquet-writer";
import { readRunInfo } from "../runs/info.ts";
import type { OnDamage } from "../runs/rows.ts";
import { metricTable } from "./metric-table.ts";

/**
 * The metrics of a run as a Parquet file: `step` (int64), `time` (timestamp, UTC, milliseconds), and a column of nullable doubles for
 * each metric. The file's metadata hold `run.json` under `vitscale.run`.
 */
export function metricsParquet(folder: string, onDamage?: OnDamage): Uint8Array {
  const { steps, times, columns } = metricTable(folder, onDamage);
  const metrics = Array.from(columns, ([name, values]) => ({
    name,
    data: values.map((value) => value ?? null),
    type: "DOUBLE" as const,
    nullable: true,
  }));
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "step", data: steps.map(BigInt), type: "INT64" },
      { name: "time", data: times.map((time) => new Date(1000 * time)), type: "TIMESTAMP" },
      ...metrics,
    ],
    kvMetadata: [{ key: "vitscale.run", value: JSON.stringify(readRunInfo(folder)) }],
  });
  return new Uint8Array(buffer);
}
