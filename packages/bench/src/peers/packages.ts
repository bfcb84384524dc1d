import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Where a package of a peer is: among this package's own, or in the folder `VITSCALE_PEERS`, for packages that are too large or need
 * install scripts: `npm install --prefix ~/peers @huggingface/transformers`, then `VITSCALE_PEERS=~/peers pnpm bench`.
 *
 * @returns a specifier for `import`, or nothing where it is in neither place
 */
export function findPeer(name: string): string | undefined {
  for (const require of requires()) {
    try {
      return pathToFileURL(require.resolve(name)).href;
    } catch {
      // Not there: look further.
    }
  }
  return undefined;
}

/** Imports a peer's package. @throws Error saying how to install it. */
export async function importPeer<Module>(name: string): Promise<Module> {
  const found = findPeer(name);
  if (found === undefined) throw new Error(`${name} is not installed; ${installCommand(name)}`);
  return (await import(found)) as Module;
}

/** The command that installs a peer's package beside the repository. */
export function installCommand(...names: string[]): string {
  return `npm install --prefix ~/peers ${names.join(" ")}, and set VITSCALE_PEERS=~/peers`;
}

function requires(): NodeJS.Require[] {
  const own = createRequire(import.meta.url);
  const folder = process.env.VITSCALE_PEERS;
  return folder === undefined ? [own] : [own, createRequire(join(resolve(folder), "package.json"))];
}
