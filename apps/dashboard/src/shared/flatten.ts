import type { Scalar } from "./api.ts";
import { isObject } from "./json.ts";

/** Longest text that a cell of a table holds. */
const longestCell = 200;

/**
 * A configuration as dotted keys: `{model: {width: 96}}` is `{"model.width": 96}`. A list of scalars is one text, as in JSON; a list of
 * objects has a key an element (`layers.0.width`).
 */
export function flatten(value: unknown, prefix = ""): Record<string, Scalar> {
  const flat: Record<string, Scalar> = {};
  const visit = (at: string, value: unknown, depth: number) => {
    if (depth > 12) flat[at] = "…";
    else if (isObject(value) || (Array.isArray(value) && value.some((element) => typeof element === "object"))) {
      for (const [key, inner] of Object.entries(value)) visit(at === "" ? key : `${at}.${key}`, inner, depth + 1);
    } else if (typeof value === "number" || typeof value === "boolean" || value === null) flat[at] = value;
    else if (value !== undefined) flat[at] = clip(typeof value === "string" ? value : JSON.stringify(value));
  };
  visit(prefix, value, 0);
  return flat;
}

const clip = (text: string) => (text.length > longestCell ? `${text.slice(0, longestCell)}…` : text);
