import { inspect } from "node:util";
import { didYouMean } from "@vitscale/core/nearest";

/** A value as messages show it, on one line. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 5, maxStringLength: 40 });
}

/** Names of all fields of a type; the compiler sees that none is forgotten and none is misspelt. */
export function fieldsOf<T>(fields: { readonly [K in keyof T]-?: true }): readonly string[] {
  return Object.keys(fields);
}

/**
 * Checks that a value is an object without unknown fields: a misspelt one would change nothing, and nobody would notice.
 *
 * @throws TypeError for what is no object; RangeError that says which field may be meant. `what` names the object.
 */
export function requireFields(value: unknown, what: string, fields: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} is ${shown(value)}; give an object with ${fields.join(", ")}`);
  }
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  if (unknown === undefined) return;
  const hint = didYouMean(unknown, fields) || `; its fields are ${fields.join(", ")}`;
  throw new RangeError(`"${unknown}" is no field of ${what}${hint}`);
}

/** @throws RangeError unless the value is one of the words. */
export function requireOneOf(name: string, value: unknown, words: readonly string[]): void {
  if (words.includes(value as string)) return;
  throw new RangeError(`${name} is ${shown(value)}; give ${words.map((word) => `"${word}"`).join(" or ")}`);
}

/** @throws RangeError unless the value is an integer within bounds, both included. */
export function requireInteger(name: string, value: unknown, least: number, most = Number.POSITIVE_INFINITY): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const range = most === Number.POSITIVE_INFINITY ? `, ${least} or more` : ` from ${least} to ${most}`;
  throw new RangeError(`${name} is ${shown(value)}; give an integer${range}`);
}

/** @throws TypeError unless the value is a text that is not empty, as paths are. */
export function requireText(name: string, value: unknown): asserts value is string {
  if (typeof value === "string" && value !== "") return;
  throw new TypeError(`${name} is ${shown(value)}; give a text that is not empty`);
}
