import { inspect } from "node:util";
import { didYouMean } from "@vitscale/core/nearest";

/** A value as messages show it, on one line. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  // Whole numbers of 64 bits are so to readers of files only, not to those of messages.
  if (typeof value === "bigint") return `${value}`;
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
  if (!isObject(value)) throw new TypeError(`${what} is ${shown(value)}; give an object with ${fields.join(", ")}`);
  requireKnown("field", value, what, fields);
}

/** {@link requireFields} for the options of a function, which `owner` names. */
export function requireOptions(options: unknown, owner: string, names: readonly string[]): void {
  if (!isObject(options)) {
    throw new TypeError(`options of ${owner} are ${shown(options)}; give an object with ${names.join(", ")}`);
  }
  requireKnown("option", options, owner, names);
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

function requireKnown(noun: "field" | "option", value: object, owner: string, names: readonly string[]): void {
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const hint = didYouMean(unknown, names) || `; its ${noun}s are ${names.join(", ")}`;
  throw new RangeError(`"${unknown}" is no ${noun} of ${owner}${hint}`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
