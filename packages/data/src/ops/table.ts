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

/**
 * The functions of a list of operations, in order.
 *
 * @throws RangeError for a name that is neither built in nor exported by the operation's module.
 */
export async function compileOps(ops: readonly Op[]): Promise<Apply[]> {
  return Promise.all(
    ops.map(async ({ op, options, module }) => {
      const known: Record<string, unknown> = module === undefined ? builtIn : await import(module);
      const operation = Object.hasOwn(known, op) ? (known[op] as OpConstructor<object>) : undefined;
      if (typeof operation?.compile !== "function") {
        throw new RangeError(
          `no operation "${op}" in ${module ?? `the built-in ones (${Object.keys(builtIn).join(", ")})`}; ` +
            "an operation of your own is exported under its name from the module that it was defined with",
        );
      }
      return operation.compile(options);
    }),
  );
}
