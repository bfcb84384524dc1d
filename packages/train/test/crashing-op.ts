import { existsSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { defineOp } from "@vitscale/data";

/** An operation that ends a data worker the first time it runs in one, and does nothing once the file is there. */
export const crashOnce = defineOp(
  "crashOnce",
  ({ marker }: { readonly marker: string }) =>
    (image) => {
      if (isMainThread || existsSync(marker)) return image;
      writeFileSync(marker, "");
      process.exit(9);
    },
  import.meta.url,
);

/** What {@link hooked} calls at every image; for tests in this thread. */
export const hook: { call: () => void } = { call: () => {} };

/** An operation that changes nothing, but lets a test act in the middle of a batch. */
export const hooked = defineOp(
  "hooked",
  () => (image) => {
    hook.call();
    return image;
  },
  import.meta.url,
);
