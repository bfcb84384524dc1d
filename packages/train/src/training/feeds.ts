import { openLoader, type Pipeline } from "@vitscale/data";
import { makeSuite, type Suite } from "@vitscale/eval";
import { type BatchFeed, openFeed } from "../batches.ts";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { Share } from "../mesh/share.ts";
import { requireFit } from "../require-fit.ts";
import { repeatViews } from "../transfer/views.ts";
import type { Closing } from "./closing.ts";

/** An evaluation of a run, with its data open. */
export interface OpenEvaluation {
  readonly name: string;
  readonly everySteps: number;
  readonly feed: BatchFeed;
  readonly suites: readonly Suite[];
}

/** The data of a run. */
export interface Feeds {
  /** Opens the training data at a batch. Where a teacher answers for a number of views, these repeat. */
  training(start: number): Promise<BatchFeed>;
  /**
   * Opens the data of all evaluations. Each is one pass over data without end that stay open: decoded images are kept from one pass to
   * the next.
   */
  evaluations(): Promise<OpenEvaluation[]>;
}

/** Opens data as a configuration says, this rank's part of each batch. @param onRestart is told when data were opened again, and why */
export function feedsOf(
  config: ResolvedConfig,
  share: Share,
  closing: Closing,
  onRestart: (reason: string) => void,
): Feeds {
  const { seed, batchSize, model, teacher } = config;
  // Ranks share the machine: unless told otherwise, one thread brings up the images of each.
  const loading = { ...(share.ranks && { workers: 1 }), ...config.loader, shard: share.rows };

  const open = async (pipeline: Pipeline, start: number) => {
    const openAt = (step: number) => openLoader({ ...pipeline, seed }, { ...loading, start: { step } });
    const feed = await openFeed(openAt, start, (reason) =>
      onRestart(`${reason}; the data were opened again where it had come to`),
    );
    closing.add(feed.close);
    requireFit(feed.loader, model);
    return feed;
  };

  return {
    training(start) {
      const openAt = (step: number) => open({ ...config.data, batchSize, shuffle: true }, step);
      const views = teacher?.views ?? null;
      return views === null ? openAt(start) : repeatViews(openAt, start, views);
    },
    async evaluations() {
      const opened: OpenEvaluation[] = [];
      for (const [name, { data, everySteps, batchSize, suites: specs }] of Object.entries(config.evaluations)) {
        const pipeline = { ...data, batchSize, shuffle: false, epochs: Number.POSITIVE_INFINITY };
        const suites = await Promise.all(specs.map(makeSuite));
        opened.push({ name, everySteps, feed: await open(pipeline, 0), suites });
      }
      return opened;
    },
  };
}
