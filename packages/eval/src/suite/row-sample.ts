import { random } from "@vitscale/core";
import { columnOf, joinTables, pickColumns, type Table, table, tableRows } from "../table/index.ts";

/** Rows that are kept, and numbers in their vectors: 256 MB of float32. */
const [mostRows, mostNumbers] = [2 ** 17, 2 ** 26];

/**
 * Rows of a table that comes in parts: all of them while they are few, else a random sample in the order of the table. What adds up over rows
 * is added up over all; what has to be fitted (a temperature, a debiased rule) is fitted to the sample, which no table outgrows.
 *
 * Every row draws a number, and those with the lowest stay.
 */
export class RowSample {
  #parts: Table[] = [];
  #keys: Uint32Array[] = [];
  #kept = 0;
  #rows = 0;
  #added = 0;
  #highest = 2 ** 32 - 1;

  /** @param columns names of those that are kept, where they are there */
  constructor(
    readonly columns: readonly string[],
    readonly seed = 0,
    readonly capacity?: number,
  ) {}

  add(part: Table): void {
    const keys = Uint32Array.from(random.threefryBits(this.seed | 0, this.#added++, part.length));
    const kept = pickColumns(part, this.columns);
    const capacity = this.capacity ?? capacityOf(kept);
    this.#rows += part.length;
    if (this.#highest === 2 ** 32 - 1) this.#keep(kept, keys);
    else {
      const rows = rowsUpTo(keys, this.#highest);
      this.#keep(
        tableRows(kept, rows),
        rows.map((row) => keys[row]!),
      );
    }
    // Sorting out twice as many each time costs little over all.
    if (this.#kept > 2 * capacity) this.#sortOut(capacity);
  }

  /** Rows that were added. */
  get rows(): number {
    return this.#rows;
  }

  /** The sample. */
  get table(): Table {
    const [first] = this.#parts;
    if (first === undefined) return table({});
    const capacity = this.capacity ?? capacityOf(first);
    if (this.#kept > capacity) this.#sortOut(capacity);
    return joinTables(this.#parts);
  }

  /** Whether the sample will be all rows. */
  get isWhole(): boolean {
    const [first] = this.#parts;
    return first === undefined || this.#rows <= (this.capacity ?? capacityOf(first));
  }

  #keep(part: Table, keys: Uint32Array): void {
    if (part.length === 0 && this.#parts.length > 0) return;
    this.#parts.push(part);
    this.#keys.push(keys);
    this.#kept += part.length;
  }

  #sortOut(capacity: number): void {
    const all = joinTables(this.#parts);
    const keys = new Uint32Array(this.#kept);
    let at = 0;
    for (const own of this.#keys) {
      keys.set(own, at);
      at += own.length;
    }
    this.#highest = keys.toSorted()[capacity - 1]!;
    const rows = rowsUpTo(keys, this.#highest);
    [this.#parts, this.#keys, this.#kept] = [[], [], 0];
    this.#keep(
      tableRows(all, rows),
      rows.map((row) => keys[row]!),
    );
  }
}

function rowsUpTo(keys: Uint32Array, highest: number): Uint32Array {
  let count = 0;
  const rows = new Uint32Array(keys.length);
  for (let row = 0; row < keys.length; row++) if (keys[row]! <= highest) rows[count++] = row;
  return rows.slice(0, count);
}

function capacityOf(kept: Table): number {
  let numbers = 1;
  for (const [name, { kind }] of kept.columns) {
    if (kind === "vector") numbers += columnOf(kept, name, "vector").width;
  }
  return Math.max(1, Math.min(mostRows, Math.floor(mostNumbers / numbers)));
}
