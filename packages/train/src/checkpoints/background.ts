/** Work that goes on beside training, one piece after the other. */
export interface Background {
  /**
   * Waits until at most one piece is not done, so that with the next there are two: one under way, one that waits.
   *
   * @throws what work has failed with.
   */
  room(): Promise<void>;
  /** Begins a piece when those before it are done; not at all where one of them has failed. */
  begin(work: () => Promise<void>): void;
  /**
   * Waits until all is done.
   *
   * @throws what work has failed with.
   */
  settle(): Promise<void>;
  /** @throws what work has failed with so far; does not wait. */
  check(): void;
}

/** Nothing under way yet. */
export function createBackground(): Background {
  let newest: Promise<void> = Promise.resolve();
  let beforeNewest = newest;
  let failure: { readonly error: unknown } | undefined;
  const check = () => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    async room() {
      await beforeNewest;
      check();
    },
    begin(work) {
      beforeNewest = newest;
      newest = beforeNewest
        .then(() => (failure === undefined ? work() : undefined))
        .catch((error) => {
          failure = { error };
        });
    },
    async settle() {
      await newest;
      check();
    },
    check,
  };
}
