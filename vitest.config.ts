import { defineConfig } from "vitest/config";

const conditions = ["@vitscale/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/{src,test}/**/*.test.ts", "apps/*/{src,test}/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    // Engines use every core themselves; two workers keep a 2-core machine busy without thrashing.
    maxWorkers: 2,
  },
});
