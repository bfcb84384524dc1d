/**
 * A part of a parameter tree that the configuration calls for.
 *
 * @throws RangeError when it is missing: the tree was made for another configuration.
 */
export function need<T>(part: T | undefined, name: string): T {
  if (part === undefined) {
    throw new RangeError(
      `the parameters have no "${name}", which the configuration calls for; pass the configuration they were made for, ` +
        "or convert them with fuseParameters or unfuseParameters",
    );
  }
  return part;
}
