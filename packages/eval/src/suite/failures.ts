/** What a suite threw. */
export interface Failure {
  readonly suite: string;
  readonly error: unknown;
}

/** The error of suites that failed: what the only one threw, an AggregateError that says it of each of several, undefined of none. */
export function failureOf(failures: readonly Failure[]): unknown {
  if (failures.length < 2) return failures[0]?.error;
  const lines = failures.map(({ suite, error }) => `${suite}: ${error instanceof Error ? error.message : error}`);
  return new AggregateError(
    failures.map(({ error }) => error),
    lines.join("\n"),
  );
}
