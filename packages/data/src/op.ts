import type { Image } from "./image.ts";
import { lastingUrl } from "./import-module.ts";
import type { Random } from "./random/random.ts";

/**
 * What an operation does to one image: it returns another, and does not write to the one that it is given (which may be
 * cached). All chance comes from `random`, which belongs to this sample and operation alone.
 */
export type Apply = (image: Image, random: Random) => Image;

/**
 * An image operation as data: a name and options.
 *
 * Being plain, it can be sent to a worker thread, stored in a run record, and printed.
 */
export interface Op {
  readonly op: string;
  readonly options: object;
  /** For an operation that is not built in: the URL of the module that exports it under its name. */
  readonly module?: string;
}

/** Makes an {@link Op} of options, and knows how to run one. */
export interface OpConstructor<Options extends object> {
  (...options: Partial<Options> extends Options ? [options?: Options] : [options: Options]): Op;
  readonly compile: (options: Options) => Apply;
}

/**
 * Defines an image operation.
 *
 * `compile` checks the options, prepares what all images share, and returns what is done to each. Options are checked
 * where the operation is written down, not later in a worker. An operation of your own works like a built-in one if its
 * module exports it under `name` and passes `import.meta.url`:
 *
 *     export const invert = defineOp("invert", () => (image) => ..., import.meta.url);
 *
 * Options must survive a structured clone: numbers, strings, arrays, plain objects.
 */
export function defineOp<Options extends object>(
  name: string,
  compile: (options: Options) => Apply,
  module?: string,
): OpConstructor<Options> {
  const construct = (options?: Options): Op => {
    const given = options ?? ({} as Options);
    compile(given);
    return { op: name, options: given, ...(module === undefined ? {} : { module: lastingUrl(module) }) };
  };
  return Object.assign(construct, { compile }) as OpConstructor<Options>;
}
