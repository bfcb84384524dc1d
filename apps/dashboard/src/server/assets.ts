import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extensionOf } from "./detail.ts";

/** A file of the page, in memory. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
};

/** Where the build puts the page: beside the server's own file. */
export const builtPage = fileURLToPath(new URL("./page/", import.meta.url));

/** The page's files by name. @throws Error when the page has not been built */
export function loadAssets(folder: string): ReadonlyMap<string, Asset> {
  if (!existsSync(join(folder, "index.html"))) {
    throw new Error(`the page is not in ${folder}; build it by \`pnpm build\``);
  }
  const names = readdirSync(folder).filter((name) => extensionOf(name) in types);
  return new Map(
    names.map((name) => [name, { type: types[extensionOf(name)]!, body: readFileSync(join(folder, name)) }]),
  );
}
