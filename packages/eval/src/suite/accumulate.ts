import { atOrigin, columnOf, joinTables, pickColumns, type Table, TableError } from "../table/index.ts";
import { failureOf } from "./failures.ts";
import type { Accumulator, Suite, SuiteOptions, SuiteResult } from "./suite.ts";

/** Suites at work on a table that comes in parts. */
export interface Accumulating {
  /** Adds rows to all suites that can still use them. */
  add(part: Table): void;
  /** What they threw, see {@link failureOf}, once none of them can use further rows. */
  readonly failure: unknown;
  /**
   * Results in the order of the suites, each when it is asked for.
   *
   * @throws (each) what its suite throws, a TableError with the row counted within the table of that name
   */
  results(): readonly Pick<Accumulator, "result">[];
}

/**
 * Starts suites on a table that comes in parts. Suites that cannot take parts share the whole table, which is only then kept. A suite that
 * finds the table not to be what it needs does not keep the others from their results.
 */
export function accumulating(suites: readonly Suite[], options: SuiteOptions = {}): Accumulating {
  const kept: Table[] = [];
  const running = suites.map((suite) => ({ accumulator: suite.accumulate?.(options), failure: undefined as unknown }));
  const rows = new Map<string, number>();
  let first: Table | undefined;
  let whole: Table | undefined;
  return {
    add(part) {
      first ??= part;
      const before = rows.get(part.name) ?? 0;
      for (const suite of running) {
        if (suite.failure !== undefined) continue;
        try {
          checkWidths(first, part);
          suite.accumulator?.add(part);
        } catch (error) {
          suite.failure = countedFrom(before, error);
        }
      }
      if (running.some(({ accumulator, failure }) => !accumulator && !failure)) kept.push(part);
      rows.set(part.name, before + part.length);
    },
    get failure() {
      const failures = running.flatMap(({ failure: error }, i) =>
        error === undefined ? [] : [{ suite: suites[i]!.name, error }],
      );
      return failures.length === suites.length ? failureOf(failures) : undefined;
    },
    results: () =>
      running.map(({ accumulator, failure }, i) => ({
        result() {
          if (failure !== undefined) throw failure;
          if (accumulator !== undefined) return accumulator.result();
          whole ??= joinTables(kept);
          return runJoined(suites[i]!, whole, options);
        },
      })),
  };
}

/** {@link accumulating} over all parts of a table, which is read once. @throws as soon as none of the suites can go on */
export async function accumulateAll(
  suites: readonly Suite[],
  parts: AsyncIterable<Table> | Iterable<Table>,
  options: SuiteOptions = {},
): Promise<readonly Pick<Accumulator, "result">[]> {
  const running = accumulating(suites, options);
  for await (const part of parts) {
    running.add(part);
    if (running.failure !== undefined) throw running.failure;
  }
  return running.results();
}

/** The result of an accumulator for a table that is one part: how a suite that accumulates runs. */
export function inOnePart(table: Table, accumulator: Accumulator): SuiteResult | Promise<SuiteResult> {
  accumulator.add(table);
  return accumulator.result();
}

/**
 * A suite that needs the whole table, but not all of its columns: of parts the others are let go as they come. A part without a column that
 * the suite names in what it needs is refused at once.
 */
export function keepingColumns(columns: readonly string[], suite: Suite): Suite {
  return {
    ...suite,
    accumulate(options) {
      const parts: Table[] = [];
      const needed = columns.filter((name) => Object.hasOwn(suite.needs, name));
      return {
        add(part) {
          for (const name of needed) columnOf(part, name, part.columns.get(name)?.kind ?? "number");
          parts.push(pickColumns(part, columns));
        },
        result: () => runJoined(suite, joinTables(parts), options),
      };
    },
  };
}

/** Runs a suite on parts that were joined: what is wrong with a row is told of the table that it is from. */
async function runJoined(suite: Suite, joined: Table, options?: SuiteOptions): Promise<SuiteResult> {
  try {
    return await suite.run(joined, options);
  } catch (error) {
    throw atOrigin(joined, error);
  }
}

/** Suites add up over vectors of one width. */
function checkWidths(first: Table, part: Table): void {
  for (const [name, column] of part.columns) {
    const before = first.columns.get(name);
    if (column.kind !== "vector" || before?.kind !== "vector" || column.width === before.width) continue;
    const problem = `column "${name}" holds ${column.width} numbers in each row, but ${before.width} before; give all rows as many`;
    throw new TableError(part.name, problem, 0);
  }
}

/** An error with its row, which was counted within a part, counted within the table that parts of the name make up. */
function countedFrom(rows: number, error: unknown): unknown {
  if (!(error instanceof TableError) || error.row === undefined) return error;
  return new TableError(error.table, error.problem, rows + error.row);
}
