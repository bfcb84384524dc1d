import { defineConfig } from "tsup";

/** One build for every package: ES modules for Node 20 with declarations and source maps. */
export function packageBuild(entry: Record<string, string>) {
  return defineConfig({
    entry,
    format: "esm",
    target: "node20",
    sourcemap: true,
    clean: true,
    tsconfig: "../../tsconfig.json",
    splitting: true,
    esbuildOptions(options) {
      options.conditions = [];
    },
    // tsup hands `baseUrl` to TypeScript 6, which deprecates it.
    dts: {
      compilerOptions: {
        ignoreDeprecations: "6.0",
        customConditions: [],
        noEmit: false,
        allowImportingTsExtensions: false,
        rewriteRelativeImportExtensions: true,
      },
    },
  });
}
