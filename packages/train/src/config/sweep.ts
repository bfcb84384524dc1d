import { basename, extname } from "node:path";
import { checkTrainConfig, overrideConfig } from "./check-config.ts";
import { defaultKinds, type ResolvedConfig, resolveConfig, type TrainConfig } from "./train-config.ts";

/** What a configuration file asks for: a run, or several under a common name. */
export interface Sweep {
  /** Name of the group; undefined for a single run. */
  readonly group?: string;
  readonly configs: readonly ResolvedConfig[];
}

/** What the command line adds to a configuration. */
export interface SweepOptions {
  /** Such as `batchSize=64`, for every run; see {@link overrideConfig}. */
  readonly overrides?: readonly string[];
  /** Every run once with each of these seeds. */
  readonly seeds?: readonly number[];
}

/**
 * The runs that an exported value describes: a configuration, or a list of them, each with a name of its own. They are checked and
 * their defaults filled in.
 *
 * @param path the file: its name is that of the group, and what a run without a name is called after
 * @throws RangeError listing what is wrong with which of them.
 */
export function sweepOf(exported: unknown, path: string, { overrides = [], seeds }: SweepOptions = {}): Sweep {
  const file = basename(path, extname(path));
  const isList = Array.isArray(exported);
  const list: readonly unknown[] = isList ? exported : [exported];
  if (list.length === 0) throw new RangeError(`${path} exports an empty list; put at least one configuration into it`);
  const configs = list.flatMap((value, index) => {
    const changed = overrides.length === 0 ? "" : ` with ${overrides.join(", ")}`;
    const config: unknown = overrideConfig({ ...defaultKinds, ...requireObject(value, path) }, overrides);
    checkTrainConfig(config, `${path}${isList ? `[${index}]` : ""}${changed}`);
    const name = config.name ?? (isList ? `${file}-${index + 1}` : file);
    if (seeds === undefined) return [resolveConfig(config, name)];
    return seeds.map((seed) => resolveConfig({ ...config, seed, name: `${name}-seed=${seed}` }, name));
  });
  requireNames(configs, path);
  return isList || seeds !== undefined ? { group: file, configs } : { configs };
}

function requireObject(value: unknown, path: string): object {
  if (typeof value === "object" && value !== null) return value;
  throw new RangeError(
    `${path} has no configuration as its default export; write "export default { … } satisfies TrainConfig"`,
  );
}

/** @throws RangeError for names that cannot be folders, or that two runs share. */
function requireNames(configs: readonly TrainConfig[], path: string): void {
  const seen = new Set<string>();
  for (const { name = "" } of configs) {
    if (seen.has(name)) throw new RangeError(`${path}: two runs are named "${name}"; give each a name of its own`);
    if (!/^[\w=+-][\w.=+-]*$/.test(name)) {
      throw new RangeError(`${path}: "${name}" is no name for a run; use letters, digits and . _ - = +`);
    }
    seen.add(name);
  }
}
