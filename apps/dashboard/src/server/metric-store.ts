import { join } from "node:path";
import { reasonOf } from "./inside.ts";
import { type MetricTable, metricTable } from "./metric-table.ts";
import { type Tail, tailFile } from "./tail.ts";

/** A run whose metrics are wanted: its folder, and when it was resumed (seconds since 1970). */
export interface MetricSource {
  readonly id: string;
  readonly folder: string;
  readonly resumed: readonly number[];
}

/** What is known of a run's metrics. */
export interface RunMetrics {
  readonly table: MetricTable;
  readonly problems: readonly string[];
}

/** Tables of metrics in memory, as many as fit; those that were not asked for longest go first and are read again when needed. */
export interface MetricStore {
  /** The metrics of a run as the file has them now. */
  get(source: MetricSource): Promise<RunMetrics>;
  forget(id: string): void;
  readonly bytes: number;
}

interface Entry {
  table: MetricTable;
  tail: Tail;
  resumed: string;
  pending: number;
  failure: string | undefined;
  /** The read that is under way: reads of one file queue up. */
  reading: Promise<void>;
}

/** An empty store. @param budgetBytes for all tables together; one table alone may be larger */
export function metricStore(budgetBytes: number): MetricStore {
  // Least recently used first.
  const entries = new Map<string, Entry>();
  const total = () => {
    let bytes = 0;
    for (const { table } of entries.values()) bytes += table.bytes;
    return bytes;
  };

  const refresh = async (entry: Entry, { folder, resumed }: MetricSource) => {
    const renew = () => {
      entry.table = metricTable(resumed);
    };
    if (entry.resumed !== resumed.join()) {
      entry.resumed = resumed.join();
      entry.tail = tailFile(join(folder, "metrics.jsonl"));
      renew();
    }
    try {
      const { pending } = await entry.tail.read((line) => entry.table.add(line), renew);
      entry.pending = pending;
      entry.failure = undefined;
    } catch (error) {
      entry.failure = reasonOf(error);
    }
  };

  return {
    get bytes() {
      return total();
    },
    forget(id) {
      entries.delete(id);
    },
    async get(source) {
      const { id, folder, resumed } = source;
      const entry: Entry = entries.get(id) ?? {
        table: metricTable(resumed),
        tail: tailFile(join(folder, "metrics.jsonl")),
        resumed: resumed.join(),
        pending: 0,
        failure: undefined,
        reading: Promise.resolve(),
      };
      entries.delete(id);
      entries.set(id, entry);
      entry.reading = entry.reading.then(() => refresh(entry, source));
      await entry.reading;
      let held = total();
      for (const [other, { table }] of entries) {
        if (held <= budgetBytes) break;
        if (other === id) continue;
        held -= table.bytes;
        entries.delete(other);
      }
      const { table, failure, pending } = entry;
      return {
        table,
        problems: [
          ...(failure === undefined ? [] : [`metrics.jsonl cannot be read: ${failure}`]),
          ...table.problems,
          ...(pending > 0 ? [`metrics.jsonl ends in ${pending} bytes of a line that is not finished`] : []),
        ],
      };
    },
  };
}
