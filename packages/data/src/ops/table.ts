import { namedExport } from "../named-export.ts";
import type { Apply, Op, OpConstructor } from "../op.ts";
import { colourJitter } from "./colour-jitter.ts";
import { centralCrop, inceptionCrop, randomCrop } from "./crop.ts";
import { flip } from "./flip.ts";
import { randAugment } from "./rand-augment.ts";
import { randomErasing } from "./random-erasing.ts";
import { resize, resizeSmall } from "./resize.ts";
import { normalise, toChannels, valueRange } from "./values.ts";

/** The built-in operations by the name that stands in an {@link Op}. */
const builtIn: Readonly<Record<string, { readonly compile: (options: never) => Apply }>> = {
  centralCrop,
  colourJitter,
  flip,
  inceptionCrop,
  normalise,
  randAugment,
  randomCrop,
  randomErasing,
  resize,
  resizeSmall,
  toChannels,
  valueRange,
};

const isOperation = (found: unknown): found is OpConstructor<object> =>
  typeof (found as OpConstructor<object> | undefined)?.compile === "function";

/**
 * The functions of a list of operations, in order.
 *
 * @throws RangeError for a name that is neither built in nor exported by the operation's module.
 */
export async function compileOps(ops: readonly Op[]): Promise<Apply[]> {
  return Promise.all(
    ops.map(async ({ op, options, module }) => {
      const operation = await namedExport("operation", { name: op, module }, builtIn, isOperation);
      return operation.compile(options);
    }),
  );
}
