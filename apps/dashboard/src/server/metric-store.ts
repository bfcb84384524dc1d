import { join } from "node:path";
import { reasonOf } from "./inside.ts";
import { type MetricTable, metricTable } from "./metric-table.ts";
import { type Tail, tailFile } from "./tail.ts";

/** A run whose metrics are wanted: its folder, what its files looked like, and when it was resumed (seconds since 1970). */
export interface MetricSource {
  readonly id: string;
  readonly folder: string;
  /** As long as it stays the same, the file is not looked at again. */
  readonly stamp: string;
  readonly resumed: readonly number[];
}

/** What is known of a run's metrics. */
export interface RunMetrics {
  readonly table: MetricTable;
  readonly problems: readonly string[];
}

/** Tables of metrics in memory, as many as fit; those that were not asked for longest go first and are read again when needed. */
export interface MetricStore {
  /** The metrics of a run as its file had them when the stamp was made, or later. */
  get(source: MetricSource): Promise<RunMetrics>;
  readonly bytes: number;
}

interface Entry {
  table: MetricTable;
  tail: Tail;
  resumed: string;
  pending: number;
  failure: string | undefined;
  stamp: string;
  /** Of the table, as last counted. */
  bytes: number;
  /** The read that is under way: reads of one file queue up. */
  reading: Promise<void>;
}

/** An empty store. @param budgetBytes for all tables together; one table alone may be larger */
export function metricStore(budgetBytes: number): MetricStore {
  // Least recently used first.
  const entries = new Map<string, Entry>();
  let total = 0;

  const remove = (id: string) => {
    total -= entries.get(id)?.bytes ?? 0;
    entries.delete(id);
  };

  const refresh = async (entry: Entry, { folder, resumed, stamp }: MetricSource) => {
    if (entry.stamp === stamp) return;
    entry.stamp = stamp;
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
      // A run that has just begun has no file of rows yet; one whose rows were read lost it.
      const isNotYet = (error as { code?: string }).code === "ENOENT" && entry.table.steps.length === 0;
      entry.failure = isNotYet ? undefined : reasonOf(error);
    }
  };

  /** Lets the tables go that were not asked for longest, but not the one that was just asked for. */
  const makeRoom = (keep: string) => {
    for (const id of entries.keys()) {
      if (total <= budgetBytes) return;
      if (id !== keep) remove(id);
    }
  };

  return {
    get bytes() {
      return total;
    },
    async get(source) {
      const { id, folder, resumed } = source;
      const entry: Entry = entries.get(id) ?? {
        table: metricTable(resumed),
        tail: tailFile(join(folder, "metrics.jsonl")),
        resumed: resumed.join(),
        pending: 0,
        failure: undefined,
        stamp: "",
        bytes: 0,
        reading: Promise.resolve(),
      };
      remove(id);
      entries.set(id, entry);
      total += entry.bytes;
      entry.reading = entry.reading.then(() => refresh(entry, source));
      await entry.reading;
      const { table, failure, pending } = entry;
      // It may have been let go while its file was read.
      if (entries.get(id) === entry) {
        total += table.bytes - entry.bytes;
        entry.bytes = table.bytes;
        makeRoom(id);
      }
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
