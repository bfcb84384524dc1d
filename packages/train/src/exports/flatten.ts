/** Plain data as texts by path, `model.width` → `96`: objects are gone into, lists and values are JSON, texts stand for themselves. */
export function flatten(value: unknown, path = ""): Record<string, string> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value).map(([key, item]) => flatten(item, path === "" ? key : `${path}.${key}`));
    return Object.assign({}, ...entries);
  }
  return { [path]: typeof value === "string" ? value : (JSON.stringify(value) ?? "") };
}
