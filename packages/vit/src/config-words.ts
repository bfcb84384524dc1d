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

/** @throws RangeError for a field of words that has another. */
export function checkWords(config: ViTConfig): void {
  for (const [field, allowed] of Object.entries(words) as [keyof typeof words, readonly string[]][]) {
    const given = config[field];
    if (given === undefined || allowed.includes(given)) continue;
    const choice = allowed.map((word) => `"${word}"`).join(" or ");
    throw new RangeError(`${field} is ${JSON.stringify(given)}; it must be ${choice}`);
  }
}

/**
 * Checks the names of changes to a configuration: a misspelt one would change nothing.
 *
 * @throws RangeError that names the field which may be meant.
 */
export function checkFields(given: object, config: object): void {
  const known = [...new Set([...Object.keys(config), ...Object.keys(words)])];
  for (const field of Object.keys(given)) {
    if (known.includes(field)) continue;
    throw new RangeError(`"${field}" is no field of a configuration${didYouMean(field, known)}`);
  }
}
