import { messageOf, SampleError } from "../errors.ts";
import { type Image, requireImage } from "../image.ts";
import type { Apply } from "../op.ts";
import { openCatalogued, type Source } from "../open-source.ts";
import { compileOps } from "../ops/table.ts";
import { Random } from "../random/random.ts";
import { fold, foldName, keyOf } from "../random/threefry.ts";
import { cachedImage, cacheImage } from "./image-cache.ts";
import type { WorkPlan } from "./plan.ts";

/** Makes single samples. */
export interface Sampler {
  readonly source: Source;
  /** The image of a sample after preprocessing in an epoch. Throws a `SampleError` that names the sample. */
  sample(index: number, epoch: number): Promise<Image>;
  close(): Promise<void>;
}

/** Opens the data set and compiles the operations in this thread. */
export async function openSampler({
  settings,
  catalog,
  cache,
}: Pick<WorkPlan, "settings" | "catalog" | "cache">): Promise<Sampler> {
  // The data set last: what is refused before leaves no file open.
  const augment = foldName(keyOf(settings.seed), "augment");
  const operations = await compileOps(settings.preprocess);
  const source = await openCatalogued(settings.source, catalog, settings.decode);
  return {
    source,
    async sample(index, epoch) {
      let image = cache && cachedImage(cache, index);
      if (image === undefined) {
        image = await source.read(index);
        if (cache) cacheImage(cache, index, image);
      }
      const key = fold(fold(augment, epoch), index);
      try {
        // Each operation has a stream of its own: what one draws does not change what the next one draws.
        return operations.reduce((input: Image, apply: Apply, i) => {
          const output = apply(input, new Random(fold(key, i)));
          return requireImage(output, `the operation "${settings.preprocess[i]!.op}"`);
        }, image);
      } catch (cause) {
        throw new SampleError(source.nameOf(index), index, messageOf(cause), { cause });
      }
    },
    close: () => source.close(),
  };
}
