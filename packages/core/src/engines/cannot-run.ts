/** The error for the use of an engine where it cannot run, with the reason that its description gives and what to do. */
export function cannotRun(engine: string, reason: string, options?: ErrorOptions): Error {
  return new Error(`engine "${engine}" cannot run here: ${reason}`, options);
}
