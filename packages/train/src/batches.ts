import { type Batch, type Loader, WorkerError } from "@vitscale/data";

/** Batches of endless data, whatever happens to the threads that make them. */
export interface BatchFeed {
  /** The loader at work, for facts about the data. */
  readonly loader: Loader;
  /** @throws what is wrong with the data; WorkerError when workers die twice at the same step. */
  next(): Promise<Batch>;
  close(): Promise<void>;
}

/**
 * Opens a feed at a step. When a data worker dies (memory, a crash in a decoder), another loader is opened at the step that was waited
 * for. Batches are functions of their step, so they stay the same.
 *
 * @param open opens the data at a step
 * @param onRestart is told why and where
 */
export async function openFeed(
  open: (step: number) => Promise<Loader>,
  start: number,
  onRestart: (reason: string, step: number) => void,
): Promise<BatchFeed> {
  let loader = await open(start);
  let step = start;
  let diedAt: number | undefined;
  return {
    get loader() {
      return loader;
    },
    async next() {
      for (;;) {
        try {
          const batch = await loader.next();
          if (batch === undefined) throw new Error("internal: the data ended");
          step = batch.step + 1;
          return batch;
        } catch (error) {
          if (!(error instanceof WorkerError) || diedAt === step) throw error;
          diedAt = step;
          onRestart(error.message, step);
          await loader.close();
          loader = await open(step);
        }
      }
    },
    close: () => loader.close(),
  };
}
