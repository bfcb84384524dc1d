// What a graph is, and how one is built.
export * from "./emit.ts";
export * from "./graph.ts";
export * from "./operations.ts";
// Passes: from programs to equal programs.
export * from "./passes/algebra.ts";
export * from "./passes/rules.ts";
// Reading and checking graphs.
export * from "./print.ts";
export * from "./verify.ts";
