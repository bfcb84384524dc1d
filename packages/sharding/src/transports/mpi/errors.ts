/** Ranks could not be started as one world: another library, another size, another version or configuration. */
export class MpiStartError extends Error {
  override readonly name = "MpiStartError";
}

/** A call of MPI failed. */
export class MpiError extends Error {
  override readonly name = "MpiError";

  constructor(
    readonly call: string,
    reason: string,
  ) {
    super(`${call}: ${reason}`);
  }
}
