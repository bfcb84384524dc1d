export { type CorruptedPipeline, type CorruptOptions, corrupt, corruptedPipelines } from "./corrupt.ts";
export { corruptionSuite } from "./suite.ts";
export { type Corruption, type CorruptionName, corruptions, type Scale, type Severity } from "./table.ts";
