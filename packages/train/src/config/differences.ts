/**
 * Where two values of plain data differ, as `path: before → after` with values in JSON; fields that one of them lacks are `absent`.
 * For telling a reader what changed between a run and its continuation.
 */
export function differences(before: unknown, after: unknown, path = ""): string[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  const [old, now] = [before, after].map((value) => JSON.stringify(value) ?? "absent");
  return old === now ? [] : [`${path}: ${old} → ${now}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
