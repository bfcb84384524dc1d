import { didYouMean } from "@vitscale/core";
import { plainName } from "./plain-name.ts";

/**
 * How the classes that a model knows stand for the classes of a data set.
 *
 * Plain data: between any two label spaces, written in JSON or in code.
 */
export interface LabelMap {
  readonly name: string;
  /** Classes of the model. */
  readonly sourceClasses: number;
  /** Names of the data set's classes, in the order of its labels. */
  readonly classes: readonly string[];
  /** For each of them the classes of the model that stand for it, at least one. */
  readonly sources: readonly (readonly number[])[];
}

/**
 * A checked label map.
 *
 * @throws RangeError naming the class that has no source, an unknown one, or one that another class has too.
 */
export function labelMap(map: LabelMap): LabelMap {
  const { name, sourceClasses, classes, sources } = map;
  if (classes.length === 0 || classes.length !== sources.length) {
    throw new RangeError(
      `label map ${name}: ${classes.length} classes, but sources of ${sources.length}; give as many`,
    );
  }
  const owner = new Map<number, string>();
  for (const [label, list] of sources.entries()) {
    const target = classes[label]!;
    if (list.length === 0) throw new RangeError(`label map ${name}: class "${target}" has no source; give one or more`);
    for (const source of list) {
      if (!Number.isInteger(source) || source < 0 || source >= sourceClasses) {
        throw new RangeError(
          `label map ${name}: class "${target}" has source ${source}; give integers from 0 to ${sourceClasses - 1}`,
        );
      }
      const other = owner.get(source);
      if (other !== undefined) {
        throw new RangeError(
          `label map ${name}: source ${source} stands for "${other}" and for "${target}"; a decision needs one meaning`,
        );
      }
      owner.set(source, target);
    }
  }
  return map;
}

/** The map of a label space to itself: plain accuracy over all classes. */
export function identityMap(classes: readonly string[], name = "identity"): LabelMap {
  return { name, sourceClasses: classes.length, classes, sources: classes.map((_, source) => [source]) };
}

/**
 * A label map as it stands in a JSON file: `{"name", "sourceClasses", "classes": {"class name": [source, …], …}}`, or its classes as a list
 * `[["class name", [source, …]], …]`. Names that are whole numbers need the list, unless they are the labels themselves: JavaScript sorts
 * them to the front of an object, and so to other labels than those of the file.
 *
 * @throws RangeError for JSON of another form, for names whose order is lost, and as {@link labelMap} does.
 */
export function parseLabelMap(text: string, name = "label map"): LabelMap {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new RangeError(`${name} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const { sourceClasses, classes, name: own } = (given ?? {}) as Record<string, unknown>;
  const isList =
    Array.isArray(classes) && classes.every((entry) => Array.isArray(entry) && typeof entry[0] === "string");
  const entries: [string, unknown][] = isList ? classes : Object.entries(classes ?? {});
  const wrong = entries.find(([, list]) => !Array.isArray(list));
  if (!Number.isInteger(sourceClasses) || entries.length === 0 || wrong !== undefined) {
    const problem = wrong === undefined ? "" : `; class "${wrong[0]}" is ${JSON.stringify(wrong[1])}`;
    throw new RangeError(
      `${name} needs {"sourceClasses": 1000, "classes": {"class name": [numbers of the model's classes], …}}${problem}`,
    );
  }
  const sorted = entries.findIndex(([target], label) => /^(0|[1-9]\d*)$/.test(target) && target !== `${label}`);
  if (!isList && sorted >= 0) {
    throw new RangeError(
      `${name} has a class "${entries[sorted]![0]}", and JSON objects lose the order of names that are numbers; give classes as a list, ` +
        '[["class name", [numbers of the model\'s classes]], …]',
    );
  }
  return labelMap({
    name: typeof own === "string" ? own : name,
    sourceClasses: sourceClasses as number,
    classes: entries.map(([target]) => target),
    sources: entries.map(([, list]) => list as number[]),
  });
}

/**
 * The map between label spaces that share names: a class of the data set is the model's class of that name, upper and lower case and
 * punctuation aside.
 *
 * @throws RangeError for a class that the model does not know, or knows twice (ImageNet has two cranes).
 */
export function labelMapByName(source: readonly string[], classes: readonly string[], name = "by name"): LabelMap {
  const numbers = numbersByName(source);
  const sources = classes.map((target) => {
    const found = numbers.get(plainName(target)) ?? [];
    if (found.length === 1) return found;
    const problem = found.length === 0 ? `no class "${target}"` : `${found.length} classes "${target}" (${found})`;
    throw new RangeError(`label map ${name}: the model has ${problem}${didYouMean(target, source)}`);
  });
  return labelMap({ name, sourceClasses: source.length, classes, sources });
}

/** What stands for what when one map follows another: a model's classes for ImageNet's, and those for ObjectNet's. */
export function composeLabelMaps(first: LabelMap, second: LabelMap): LabelMap {
  if (first.classes.length !== second.sourceClasses) {
    throw new RangeError(
      `label map ${first.name} leads to ${first.classes.length} classes, but ${second.name} begins with ${second.sourceClasses}`,
    );
  }
  return labelMap({
    name: `${first.name} → ${second.name}`,
    sourceClasses: first.sourceClasses,
    classes: second.classes,
    sources: second.sources.map((list) => list.flatMap((middle) => first.sources[middle]!)),
  });
}

/**
 * For each class of a data set (its folders) the class of the map, or -1: ObjectNet has 313 folders, of which 113 count.
 *
 * @throws RangeError when not one is in the map.
 */
export function mapDatasetClasses(datasetClasses: readonly string[], map: LabelMap): Int32Array {
  if (!sharesNames(datasetClasses, map)) {
    const [first, second = "…"] = map.classes;
    throw new RangeError(
      `none of the ${datasetClasses.length} classes of the data set ("${datasetClasses[0]}", …) is in label map ${map.name}, ` +
        `whose classes are "${first}", "${second}", …`,
    );
  }
  const numbers = numbersByName(map.classes);
  return Int32Array.from(datasetClasses, (name) => numbers.get(plainName(name))?.[0] ?? -1);
}

/** Whether at least one class of a data set is in the map, by name. */
export function sharesNames(datasetClasses: readonly string[], { classes }: LabelMap): boolean {
  const numbers = numbersByName(classes);
  return datasetClasses.some((name) => numbers.has(plainName(name)));
}

function numbersByName(names: readonly string[]): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  for (const [number, name] of names.entries()) {
    const plain = plainName(name);
    numbers.set(plain, [...(numbers.get(plain) ?? []), number]);
  }
  return numbers;
}
