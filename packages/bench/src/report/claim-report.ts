import type { Claim, Finding, Statement, Table } from "../claim.ts";
import type { StoredResult } from "../runner/store.ts";

/** A claim in a report: its statements with what was found, and the numbers behind it. */
export interface ClaimReport {
  readonly name: string;
  readonly title: string;
  readonly statements: Readonly<Record<string, Statement & Finding>>;
  readonly tables: readonly Table[];
  /** Absent where the claim failed. */
  readonly result?: StoredResult;
  /** Why it failed. */
  readonly error?: string;
}

/**
 * Judges a measurement.
 *
 * @throws Error when a claim's judge leaves a statement without a finding: a mistake in the claim.
 */
export function claimReport(claim: Claim, result: StoredResult): ClaimReport {
  const findings = claim.judge(result.measurement, result.plan);
  const statements = Object.entries(claim.statements).map(([key, statement]) => {
    const finding = findings[key];
    if (finding === undefined) throw new Error(`internal: claim ${claim.name} has no finding for "${key}"`);
    return [key, { ...statement, ...finding }] as const;
  });
  return {
    name: claim.name,
    title: claim.title,
    statements: Object.fromEntries(statements),
    tables: claim.tables?.(result.measurement, result.plan) ?? [],
    result,
  };
}

/** A claim whose measurement failed: a row for each statement, so that nothing vanishes from the table. */
export function failedReport(claim: Claim, error: Error): ClaimReport {
  const why = `the measurement failed: ${error.message.split("\n", 1)[0]}`;
  const finding: Finding = { measured: "n/a", verdict: "not measurable here", why };
  return {
    name: claim.name,
    title: claim.title,
    statements: Object.fromEntries(
      Object.entries(claim.statements).map(([key, statement]) => [key, { ...statement, ...finding }]),
    ),
    tables: [],
    error: error.stack ?? error.message,
  };
}
