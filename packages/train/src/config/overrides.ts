/**
 * Applies `--set` overrides such as `optimizer.weightDecay=0.1` to a configuration: a copy in which the value at the path is
 * another. Values are JSON where they parse as JSON, and text otherwise. Whether the field exists and the value fits is for the
 * configuration's schema to say, which knows the names.
 *
 * @throws RangeError when an override has no `=`, or its path goes through a value that has no fields.
 */
export function applyOverrides<T extends object>(config: T, overrides: readonly string[]): T {
  let result: unknown = config;
  for (const override of overrides) {
    const [path, ...rest] = override.split("=");
    if (!path || rest.length === 0) {
      throw new RangeError(`--set ${override}: write the path of a field and a value, such as --set batchSize=64`);
    }
    result = replaceAt(result, path.split("."), parseValue(rest.join("=")), override);
  }
  return result as T;
}

function replaceAt(node: unknown, [key, ...rest]: readonly string[], value: unknown, override: string): unknown {
  if (key === undefined) return value;
  if (Array.isArray(node)) {
    if (!/^\d+$/.test(key) || Number(key) >= node.length) {
      throw new RangeError(`--set ${override}: the list at "${key}" has places 0 to ${node.length - 1}`);
    }
    return node.map((item, index) => (index === Number(key) ? replaceAt(item, rest, value, override) : item));
  }
  if (node !== undefined && (typeof node !== "object" || node === null)) {
    throw new RangeError(
      `--set ${override}: there are no fields in ${JSON.stringify(node)}, so none is called "${key}"`,
    );
  }
  const fields = node as Record<string, unknown> | undefined;
  return { ...fields, [key]: replaceAt(fields?.[key], rest, value, override) };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
