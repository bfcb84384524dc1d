/** Ends something that was begun. */
export type Close = () => void | Promise<void>;

/** What a run has opened, and gives back when it ends, however it ends. */
export interface Closing {
  add(...closes: readonly Close[]): void;
  /** Ends everything at once. */
  closeAll(): Promise<void>;
}

/** Nothing opened yet. */
export function createClosing(): Closing {
  const all: Close[] = [];
  return {
    add: (...closes) => void all.push(...closes),
    async closeAll() {
      await Promise.all(all.map((close) => close()));
    },
  };
}
