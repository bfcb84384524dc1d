// What a graph is, and how one is built.
export * from "./collectives.ts";
export * from "./emit.ts";
// Reading and checking graphs.
export * from "./flops.ts";
export * from "./graph.ts";
export * from "./memory.ts";
export * from "./operations.ts";
// For passes of one's own.
export { algebraRules, simplifyAlgebra } from "./passes/algebra.ts";
// Passes: from programs to equal programs.
export { computeResultsEarly } from "./passes/early-results.ts";
export { type Evaluate, foldConstants } from "./passes/fold-constants.ts";
export { type Rematerialization, rematerialize } from "./passes/rematerialize/index.ts";
export * from "./passes/rules.ts";
export { type PassReport, type SimplifyOptions, simplify } from "./passes/simplify.ts";
export * from "./print.ts";
export * from "./verify.ts";
