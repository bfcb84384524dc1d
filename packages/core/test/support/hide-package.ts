import Module, { register } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Loaded before a program, hides a package from it, as if that were not installed, or were `broken`: there, and failing as it loads.
 *
 *     node --import tsx --import hide-package.ts program.ts PACKAGE absent|broken
 */
const [hidden = "", state = "absent"] = process.argv.slice(2);

const isHidden = (request: string) => request === hidden || request.startsWith(`${hidden}/`);

type Resolve = (request: string, ...rest: unknown[]) => string;
const commonJs = Module as unknown as { _resolveFilename: Resolve };
const resolveFilename = commonJs._resolveFilename;
commonJs._resolveFilename = function (this: unknown, request, ...rest) {
  if (!isHidden(request)) return resolveFilename.call(this, request, ...rest);
  if (state === "broken") return fileURLToPath(new URL("broken-package.cjs", import.meta.url));
  throw Object.assign(new Error(`Cannot find module '${request}'\nRequire stack:\n- /somewhere`), {
    code: "MODULE_NOT_FOUND",
  });
};
// The same for `import`.
const hook = `export const resolve = (request, context, next) => {
  if (request === ${JSON.stringify(hidden)}) throw new Error("Cannot find package '" + request + "'");
  return next(request, context);
};`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
