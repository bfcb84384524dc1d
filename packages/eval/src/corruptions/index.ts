export { type CorruptedPipeline, type CorruptOptions, corrupt, corruptedPipelines } from "./corrupt.ts";
export { type PredictCorruptedOptions, predictCorrupted } from "./predict-corrupted.ts";
export { type CorruptionSuiteOptions, corruptionSuite } from "./suite.ts";
export { type Corruption, type CorruptionName, type CorruptionScale, corruptions, type Severity } from "./table.ts";
