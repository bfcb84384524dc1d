import { replaceAt } from "./replace.ts";
import type { TrainConfig } from "./train-config.ts";

/** Paths of the fields of `T`, such as `optimizer.weightDecay`. Records with free keys and lists are values as a whole. */
export type FieldPath<T> = T extends readonly unknown[]
  ? never
  : T extends object
    ? string extends keyof T
      ? never
      : { [K in keyof T & string]-?: K | `${K}.${FieldPath<NonNullable<T[K]>>}` }[keyof T & string]
    : never;

/** Type of the field of `T` at a path; where `T` is a union, of every member that has it. */
export type FieldAt<T, Path extends string> = T extends unknown
  ? Path extends `${infer Key}.${infer Rest}`
    ? Key extends keyof T
      ? FieldAt<NonNullable<T[Key]>, Rest>
      : never
    : Path extends keyof T
      ? T[Path]
      : never
  : never;

/** Values to try, by path of the field. */
export type Axes = { readonly [Path in FieldPath<TrainConfig>]?: readonly FieldAt<TrainConfig, Path>[] };

/**
 * A configuration for every combination of values, the last axis fastest:
 *
 *     export default grid(base, { learningRate: [1e-3, 3e-3], "model.qkNorm": ["none", "rms"], seed: [0, 1, 2] });
 *
 * Each is named after its values, `learningRate=0.001-qkNorm=none-seed=0`, behind the base's name where it has one.
 *
 * @throws RangeError when an axis has no values, or two combinations have the same name.
 */
export function grid(base: TrainConfig, axes: Axes): TrainConfig[] {
  let configs: TrainConfig[] = [base];
  for (const [path, values] of Object.entries(axes) as [string, readonly unknown[]][]) {
    if (values.length === 0) throw new RangeError(`the axis ${path} has no values; give at least one, or leave it out`);
    configs = configs.flatMap((config) =>
      values.map((value, index) => {
        const label = `${path.split(".").at(-1)}=${labelOf(value, index)}`;
        const name = config.name === undefined ? label : `${config.name}-${label}`;
        return { ...(replaceAt(config, path, value) as TrainConfig), name };
      }),
    );
  }
  const twice = configs.find(({ name }, index) => configs.findIndex((other) => other.name === name) !== index);
  if (twice) throw new RangeError(`two combinations are named ${twice.name}; give each value once`);
  return configs;
}

/** What stands for a value in a name: numbers and texts themselves, the kind of an object that has one, the place of others. */
function labelOf(value: unknown, index: number): string {
  if (typeof value === "object" && value !== null) return "kind" in value ? `${value.kind}` : `${index}`;
  return `${value}`.replace(/[^\w.+-]+/g, "_");
}
