/** Modules that were read as TypeScript, so that they run once in a thread however many ask. */
const typescript = new Map<string, Promise<Record<string, unknown>>>();

/**
 * Imports a module by its URL. TypeScript that Node does not read itself (before version 22.18) is read by tsx, where that is installed: in
 * every thread, as a configuration that imports the module is read by `vitscale train` in the main one.
 *
 * @throws what the module throws; TypeError for TypeScript without tsx, saying what to do.
 */
export async function importModule(url: string): Promise<Record<string, unknown>> {
  try {
    return await import(url);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw cause;
    const file = lastingUrl(url);
    const module = typescript.get(file) ?? importTypeScript(file, cause);
    typescript.set(file, module);
    return await module;
  }
}

async function importTypeScript(file: string, cause: unknown): Promise<Record<string, unknown>> {
  const tsx = await import("tsx/esm/api").catch(() => undefined);
  if (tsx !== undefined) return tsx.tsImport(file, import.meta.url);
  throw new TypeError("this version of Node reads no TypeScript; install tsx, or write the module in JavaScript", {
    cause,
  });
}

/** The URL of a module without what tsx adds to it for one import alone, so that it means the same in another thread and another process. */
export function lastingUrl(url: string): string {
  return url.replace(/\?tsx-namespace=[\w-]+$/, "");
}
