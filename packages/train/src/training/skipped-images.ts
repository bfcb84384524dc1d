import type { Loader } from "@vitscale/data";
import type { RunAtWork } from "./run-at-work.ts";

/** Tells of images that cannot be used and are passed over, which `onBroken: "skip"` asks for. */
export interface SkippedImages {
  /** Tells how many there are so far, with one of them, where there are more than the last time. To be called now and then, not every step. */
  tell(run: Pick<RunAtWork, "tell">, loader: Pick<Loader, "broken">): void;
}

/**
 * Nothing skipped yet.
 *
 * @param what the images are, for the sentence; on a mesh the first rank tells of its rows
 */
export function skippedImages(what: string): SkippedImages {
  // A loader that is opened again, after a worker died, begins to count anew.
  const known = new Set<number>();
  return {
    tell(run, { broken }) {
      const before = known.size;
      for (const index of broken.keys()) known.add(index);
      const last = [...broken.values()].at(-1);
      if (known.size === before || last === undefined) return;
      const count = known.size === 1 ? "1 image" : `${known.size} images`;
      run.tell(
        "images-skipped",
        `${count} of ${what} so far cannot be used, and skipped; the last is ${last.name}: ${last.problem}`,
      );
    },
  };
}
