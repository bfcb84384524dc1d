import { plainName } from "../ood/plain-name.ts";

/** Classes of a data set among those of a model. */
export interface ModelClasses {
  /** For each class of the data set its number among the model's; -1 where the model does not know it. */
  readonly numbers: Int32Array;
  /** Names of the data set's classes that the model does not know, or knows more than one of. */
  readonly unknown: readonly string[];
}

/**
 * Finds the classes of a data set among a model's, by name: the same number of classes does not make them the same ones. Upper and lower
 * case and punctuation do not count.
 */
export function modelClassesOf(classes: readonly string[], modelClasses: readonly string[]): ModelClasses {
  // Names may come twice, as ImageNet's two cranes do; lists that are equal need no names to be matched.
  if (classes.length === modelClasses.length && classes.every((name, i) => name === modelClasses[i])) {
    return { numbers: Int32Array.from(classes.keys()), unknown: [] };
  }
  const places = new Map<string, number>();
  for (const [number, name] of modelClasses.entries()) {
    const plain = plainName(name);
    places.set(plain, places.has(plain) ? -1 : number);
  }
  const numbers = Int32Array.from(classes, (name) => places.get(plainName(name)) ?? -1);
  return { numbers, unknown: classes.filter((_, i) => numbers[i] === -1) };
}
