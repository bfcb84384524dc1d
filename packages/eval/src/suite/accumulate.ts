import { joinTables, type Table, TableError } from "../table/table.ts";
import type { Accumulator, Suite, SuiteOptions, SuiteResult } from "./suite.ts";

/**
 * Runs suites on a table that comes in parts: it is read once, and every part goes to all of them. Suites that cannot take parts share the
 * whole table, which is only then kept.
 *
 * @returns results in the order of the suites, each when it is asked for
 * @throws what the suites throw, a TableError with the row counted within the whole table
 */
export async function accumulateAll(
  suites: readonly Suite[],
  parts: AsyncIterable<Table> | Iterable<Table>,
  options: SuiteOptions = {},
): Promise<readonly Pick<Accumulator, "result">[]> {
  const kept: Table[] = [];
  const accumulators = suites.map((suite) => suite.accumulate?.(options));
  const needsAll = accumulators.includes(undefined);
  let rows = 0;
  for await (const part of parts) {
    for (const accumulator of accumulators) countingFrom(rows, () => accumulator?.add(part));
    if (needsAll) kept.push(part);
    rows += part.length;
  }
  let whole: Table | undefined;
  const runWhole = (suite: Suite): SuiteResult | Promise<SuiteResult> => {
    whole ??= kept.length === 1 ? kept[0]! : joinTables(kept);
    return suite.run(whole, options);
  };
  return accumulators.map((accumulator, i) => accumulator ?? { result: () => runWhole(suites[i]!) });
}

/** The result of an accumulator for a table that is one part: how a suite that accumulates runs. */
export function inOnePart(table: Table, accumulator: Accumulator): SuiteResult | Promise<SuiteResult> {
  accumulator.add(table);
  return accumulator.result();
}

/** Rows of errors of a part, counted within the whole table. */
function countingFrom(rows: number, add: () => void): void {
  try {
    add();
  } catch (error) {
    if (!(error instanceof TableError) || error.row === undefined) throw error;
    throw new TableError(error.table, error.problem, rows + error.row);
  }
}
