import { namedExport } from "../named-export.ts";
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

const isSource = (found: unknown): found is SourceConstructor<object, Catalog> =>
  typeof (found as SourceConstructor<object, Catalog> | undefined)?.format?.open === "function";

/**
 * The format that a description names.
 *
 * @throws RangeError for a name that is neither built in nor exported by the description's module.
 */
export async function formatOf({ source, module }: SourceSpec): Promise<SourceFormat<object, Catalog>> {
  return (await namedExport("data format", { name: source, module }, builtIn, isSource)).format;
}
