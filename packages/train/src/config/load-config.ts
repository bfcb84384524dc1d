import { existsSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { tsImport } from "tsx/esm/api";
import { checkTrainConfig } from "./check-config.ts";
import { applyOverrides } from "./overrides.ts";
import { type ResolvedConfig, resolveConfig } from "./train-config.ts";

interface Module {
  readonly default?: unknown;
  readonly __esModule?: boolean;
}

/**
 * Reads a configuration: the default export of a TypeScript or JavaScript file, changed by overrides, checked, defaults filled in.
 *
 * The file is an ordinary module and may import and compute whatever it likes; TypeScript needs no build.
 *
 * @param overrides such as `batchSize=64`, see {@link applyOverrides}
 * @throws Error when the file is missing or fails to load, RangeError when what it exports is no configuration.
 */
export async function loadConfig(path: string, overrides: readonly string[] = []): Promise<ResolvedConfig> {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new Error(`there is no configuration ${path}; the ones of this repository are in configs/`);
  }
  const exported = await importDefault(absolute, path);
  if (typeof exported !== "object" || exported === null) {
    throw new RangeError(
      `${path} has no configuration as its default export; write "export default { … } satisfies TrainConfig"`,
    );
  }
  const config: unknown = applyOverrides(exported, overrides);
  checkTrainConfig(config, overrides.length === 0 ? path : `${path} with ${overrides.join(", ")}`);
  return resolveConfig(config, basename(absolute, extname(absolute)));
}

async function importDefault(absolute: string, path: string): Promise<unknown> {
  try {
    const module = (await tsImport(pathToFileURL(absolute).href, import.meta.url)) as Module;
    // In a folder whose package.json does not say "type": "module", TypeScript is compiled to CommonJS, which nests the default.
    return (module.default as Module | undefined)?.__esModule ? (module.default as Module).default : module.default;
  } catch (cause) {
    throw new Error(`${path} could not be loaded: ${(cause as Error).message}`, { cause });
  }
}
