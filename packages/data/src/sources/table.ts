import type { Catalog, SourceConstructor, SourceFormat, SourceSpec } from "../source.ts";
import { cifarBinary } from "./cifar.ts";
import { generatedShapes } from "./generated-shapes.ts";
import { idx } from "./idx.ts";
import { imageFolder } from "./image-folder.ts";
import { imagesInMemory } from "./memory.ts";
import { parquet } from "./parquet.ts";
import { webDataset } from "./web-dataset.ts";

/** The built-in formats by the name that stands in a {@link SourceSpec}. */
const builtIn = { cifarBinary, generatedShapes, idx, imageFolder, imagesInMemory, parquet, webDataset };

/**
 * The format that a description names.
 *
 * @throws RangeError for a name that is neither built in nor exported by the description's module.
 */
export async function formatOf({ source, module }: SourceSpec): Promise<SourceFormat<object, Catalog>> {
  const known: Record<string, unknown> = module === undefined ? builtIn : await import(module);
  const named = Object.hasOwn(known, source) ? (known[source] as SourceConstructor<object, Catalog>) : undefined;
  if (typeof named?.format?.open !== "function") {
    throw new RangeError(
      `no data format "${source}" in ${module ?? `the built-in ones (${Object.keys(builtIn).join(", ")})`}; ` +
        "a format of your own is exported under its name from the module that it was defined with",
    );
  }
  return named.format;
}
