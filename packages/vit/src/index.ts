// Configurations: presets, named sizes.
export * from "./config.ts";
// Counting without allocating.
export * from "./count.ts";
export * from "./flops.ts";
export * from "./shapes.ts";
export * from "./variants.ts";
