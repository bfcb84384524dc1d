import { didYouMean } from "@vitscale/core";
import type { ViTConfig } from "./config.ts";

/** Fields that are one of a few words. */
const words = {
  block: ["parallel", "sequential"],
  norm: ["rms", "layer"],
  qkNorm: ["none", "rms", "layer"],
  qkNormSpan: ["head", "width"],
  attentionScale: ["root", "none"],
  gelu: ["tanh", "erf"],
  pooling: ["map", "gap", "tok"],
  finalNorm: ["tokens", "pooled"],
  headKernel: ["zeros", "lecun-normal"],
} as const satisfies { readonly [Field in keyof ViTConfig]?: readonly ViTConfig[Field][] };

/** Fields of words that may be left out. */
const optional: ReadonlySet<string> = new Set(["qkNormSpan", "attentionScale"] satisfies (keyof typeof words)[]);

/** @throws RangeError for a field of words that has another. */
export function checkWords(config: ViTConfig): void {
  for (const [field, allowed] of Object.entries(words) as [keyof typeof words, readonly string[]][]) {
    const given = config[field];
    if (given === undefined ? optional.has(field) : allowed.includes(given)) continue;
    const choice = allowed.map((word) => `"${word}"`).join(" or ");
    throw new RangeError(`${field} is ${shown(given)}; it must be ${choice}`);
  }
}

/**
 * @param rule what the number must be, as messages say it
 * @throws RangeError for what is no finite number, or not such a one.
 */
export function checkNumber(field: string, value: unknown, rule: string, isRight = (_: number) => true): void {
  if (typeof value === "number" && Number.isFinite(value) && isRight(value)) return;
  throw new RangeError(`${field} is ${shown(value)}; it must be ${rule}`);
}

/** A value as messages show it; JSON has no NaN and no infinities. */
const shown = (value: unknown) => (typeof value === "number" ? `${value}` : JSON.stringify(value));

type FieldsOf<T, Kind> = { readonly [Field in keyof T as T[Field] extends Kind ? Field : never]-?: true };

/** Fields that are true or false. */
const flags = { fusedInput: true, fusedOutput: true, embeddingNorm: true } satisfies FieldsOf<ViTConfig, boolean>;

/** @throws TypeError for a field that must be true or false, bias or other, and is not. */
export function checkFlags(config: ViTConfig): void {
  const entries = [
    ...Object.keys(flags).map((field) => [field, config[field as keyof typeof flags]] as const),
    ...Object.entries(config.biases).map(([field, value]) => [`biases.${field}`, value] as const),
  ];
  for (const [field, value] of entries) {
    if (typeof value === "boolean") continue;
    throw new TypeError(`${field} is ${shown(value)}; it must be true or false`);
  }
}

/**
 * Checks the names of changes to a configuration: a misspelt one would change nothing.
 *
 * @throws RangeError that names the field which may be meant; TypeError for what is no object.
 */
export function checkFields(given: unknown, config: object): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const example = Object.keys(config)[0];
    throw new TypeError(`${shown(given)} is no object of fields to change, such as { ${example}: … }`);
  }
  const known = [...new Set([...Object.keys(config), ...Object.keys(words)])];
  for (const field of Object.keys(given)) {
    if (known.includes(field)) continue;
    throw new RangeError(`"${field}" is no field of a configuration${didYouMean(field, known)}`);
  }
}
