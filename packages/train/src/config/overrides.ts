import { fieldPath } from "./field-path.ts";
import { replaceAt } from "./replace.ts";
import { withoutUndefined } from "./without-undefined.ts";

/**
 * Applies overrides of the command line such as `optimizer.weightDecay=0.1` to a configuration: a copy in which the value at the path
 * is another ({@link fieldPath} knows short ones). Values are JSON where they parse as JSON, and text otherwise. Whether the field exists
 * and the value fits is for the configuration's schema to say, which knows the names.
 *
 * @param isLeftOutByNull whether null takes the field at a path out of a configuration; it is a value like others by default
 * @throws RangeError when an override has no `=`, or its path goes through a value that has no fields.
 */
export function applyOverrides<T extends object>(
  config: T,
  overrides: readonly string[],
  isLeftOutByNull: (config: unknown, path: string) => boolean = () => false,
): T {
  let result: unknown = config;
  for (const override of overrides) {
    const [path, ...rest] = override.split("=");
    if (!path || rest.length === 0) {
      throw new RangeError(`--set ${override}: write the path of a field and a value, such as --set batchSize=64`);
    }
    try {
      const field = fieldPath(path);
      const value = parseValue(rest.join("="));
      const isLeftOut = value === null && isLeftOutByNull(result, field);
      result = isLeftOut ? withoutUndefined(replaceAt(result, field, undefined)) : replaceAt(result, field, value);
    } catch (error) {
      throw new RangeError(`--set ${override}: ${(error as Error).message}`, { cause: error });
    }
  }
  return result as T;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
