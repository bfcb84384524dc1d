/**
 * A copy of plain data in which the value at a path such as `optimizer.weightDecay` or `data.preprocess.0.options.size` is another.
 * Objects on the way that are not there are made.
 *
 * @throws RangeError when the path goes through a value that has no fields, or beyond the end of a list.
 */
export function replaceAt(node: unknown, path: string, value: unknown): unknown {
  return replace(node, path.split("."), value);
}

function replace(node: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(node)) {
    if (!/^\d+$/.test(key) || Number(key) >= node.length) {
      throw new RangeError(`the list at "${key}" has places 0 to ${node.length - 1}`);
    }
    return node.map((item, index) => (index === Number(key) ? replace(item, rest, value) : item));
  }
  if (node !== undefined && (typeof node !== "object" || node === null)) {
    throw new RangeError(`there are no fields in ${JSON.stringify(node)}, so none is called "${key}"`);
  }
  const fields = node as Record<string, unknown> | undefined;
  return { ...fields, [key]: replace(fields?.[key], rest, value) };
}
