/** Names of fields that other trainers have. */
const shortNames: Readonly<Record<string, string>> = { lr: "learningRate", wd: "optimizer.weightDecay" };

/** What an option or an override may begin with beside the names of fields. */
export const fieldShorthands: readonly string[] = ["train", ...Object.keys(shortNames)];

/** The path of the field that is meant: `train.` may stand before any of them, `lr` for `learningRate`, and `wd` for `optimizer.weightDecay`. */
export function fieldPath(given: string): string {
  const path = given.replace(/^train\./, "");
  return Object.hasOwn(shortNames, path) ? (shortNames[path] as string) : path;
}
