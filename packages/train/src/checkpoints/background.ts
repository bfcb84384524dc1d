/** Work that goes on beside training, one piece at a time. */
export interface Background {
  /** Begins; to be called when the piece before has settled. */
  begin(work: () => Promise<void>): void;
  /**
   * Waits for the work under way.
   *
   * @throws what it, or any before it, failed with.
   */
  settle(): Promise<void>;
  /** @throws what work has failed with so far; does not wait. */
  check(): void;
}

/** Nothing under way yet. */
export function createBackground(): Background {
  let underWay: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  const check = () => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    begin(work) {
      underWay = work().catch((error) => {
        failure = { error };
      });
    },
    async settle() {
      await underWay;
      check();
    },
    check,
  };
}
