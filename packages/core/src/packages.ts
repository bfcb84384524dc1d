import { createRequire } from "node:module";
import { dirname } from "node:path";

const require = createRequire(import.meta.url);

/** The folder of an installed package, or nothing where this package does not find it. */
export function packageRoot(name: string): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * How to get a package: the end of a message about one that is missing.
 *
 * @param hasScript whether it does not work before its install script has run, which pnpm does only for packages that it is told
 */
export function installAdvice(name: string, version: string, { hasScript = false } = {}): string {
  const npm = `install it beside @vitscale/core, for example: npm install ${name}@${version}`;
  return hasScript ? `${npm} (pnpm runs its install script only with --allow-build=${name})` : npm;
}
