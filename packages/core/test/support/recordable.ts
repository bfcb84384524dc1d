import { rules } from "../../src/trace/rules/index.ts";

/** The kernels that compute on one rank and have a recording rule, sorted. */
export const recordable: readonly string[] = Object.keys(rules).sort();
