import { messageOf } from "./errors.ts";
import { importModule } from "./import-module.ts";

/** How descriptions of operations and data sets say what runs them. */
interface Named {
  readonly name: string;
  /** URL of the module that exports it; not given for what is built in. */
  readonly module: string | undefined;
}

/**
 * What a description names: something built in, or what a module of the user's exports under the name.
 *
 * @throws RangeError when there is none, or the module cannot be loaded. `what` says what is looked for.
 */
export async function namedExport<T>(
  what: "data format" | "operation",
  { name, module }: Named,
  builtIn: Readonly<Record<string, unknown>>,
  isOne: (found: unknown) => found is T,
): Promise<T> {
  const known = module === undefined ? builtIn : await load(module, `${what} "${name}"`);
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (isOne(found)) return found;
  throw new RangeError(
    `no ${what} "${name}" in ${module ?? `the built-in ones (${Object.keys(builtIn).join(", ")})`}; ` +
      `${what === "operation" ? "an operation" : "a format"} of your own is exported under its name from the module that it was defined with`,
  );
}

async function load(module: string, what: string): Promise<Record<string, unknown>> {
  try {
    return await importModule(module);
  } catch (cause) {
    throw new RangeError(`${what} is of the module ${module}, which cannot be loaded (${messageOf(cause)})`, { cause });
  }
}
