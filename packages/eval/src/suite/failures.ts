/** What a suite threw, or several that were run together. */
export interface Failure {
  /** Its name, or theirs. */
  readonly suite: string;
  readonly error: unknown;
}

/**
 * The error of suites that failed: what the only one threw, an AggregateError that says it of each of several, undefined of none. What such
 * an error says of each it goes on saying among others.
 */
export function failureOf(failures: readonly Failure[]): unknown {
  if (failures.length < 2) return failures[0]?.error;
  const lines = failures.map(({ suite, error }) => {
    const message = error instanceof Error ? error.message : `${error}`;
    return error instanceof AggregateError || message.startsWith(`${suite}: `) ? message : `${suite}: ${message}`;
  });
  return new AggregateError(
    failures.map(({ error }) => error),
    lines.join("\n"),
  );
}
