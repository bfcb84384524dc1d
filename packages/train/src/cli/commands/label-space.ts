import { openSource } from "@vitscale/data";
import { modelClassesOf, type SuiteName, type SuiteSpec } from "@vitscale/eval";
import type { ResolvedConfig } from "../../config/train-config.ts";

/** A suite as plain data, with its name as a field. */
export type NamedSpec = Exclude<SuiteSpec, string>;

/** Suites that read `--map` themselves, with rules of their own for what stands for several classes. */
const readsMap: readonly SuiteName[] = ["human", "ood"];

/** Suites to which a label is a number of the model's own classes. */
export function measuresOwnClasses(suite: SuiteName): boolean {
  return suite === "calibration" || suite === "corruptions" || suite === "fairness";
}

/** The suites with the label map of `--map` where they read one and none is among their own options. */
export function withMap(specs: readonly NamedSpec[], map: string | undefined): NamedSpec[] {
  return specs.map((spec) =>
    map !== undefined && readsMap.includes(spec.suite) ? ({ map, ...spec } as NamedSpec) : spec,
  );
}

/**
 * Names of the classes that a run's model learned: those of its training data, whose images are not looked at.
 *
 * @param note is told why where the data cannot be opened any more
 */
export async function learnedClasses(
  { data }: Pick<ResolvedConfig, "data">,
  note: (text: string) => void,
): Promise<readonly string[] | undefined> {
  try {
    const source = await openSource(data.source);
    const { classes } = source;
    await source.close();
    return classes;
  } catch (error) {
    note(
      `the names of the model's classes are not known, because its training data cannot be opened (${(error as Error).message}); ` +
        "classes are taken to be the same where there are as many\n",
    );
    return undefined;
  }
}

/**
 * @param classes of the images that are called `images`
 * @param learned the model's classes
 * @throws RangeError where images are of classes that the model does not know, and a suite would take their numbers for the model's
 */
export function requireLearned(
  specs: readonly NamedSpec[],
  classes: readonly string[],
  learned: readonly string[],
  { images, hasMap }: { readonly images: string; readonly hasMap: boolean },
): void {
  const { unknown } = modelClassesOf(classes, learned);
  const suite = specs.find((spec) => needsLearned(spec, learned.length))?.suite;
  if (hasMap || unknown.length === 0 || suite === undefined) return;
  throw new RangeError(
    `${suite}: the model does not know the classes ${listed(unknown)} of ${images}; its own are ${listed(learned)}. Give --map FILE ` +
      `with a label map: {"sourceClasses": ${learned.length}, "classes": {"${unknown[0]}": [numbers of the model's classes], …}}`,
  );
}

function needsLearned(spec: NamedSpec, modelClasses: number): boolean {
  // Without a data set or a map, and with other than ImageNet's classes, it is plain accuracy.
  const isPlainOod = spec.suite === "ood" && !spec.dataset && !spec.map && modelClasses !== 1000;
  return measuresOwnClasses(spec.suite) || isPlainOod;
}

const mostListed = 6;

/** Names in quotes, the first few of many. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).map((name) => `"${name}"`);
  return `${shown.join(", ")}${names.length > mostListed ? ` and ${names.length - mostListed} more` : ""}`;
}
