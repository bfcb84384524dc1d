// A run: the trainer, and what a run leaves.

export { type Checkpoint, type CheckpointFacts, readCheckpoint, writeCheckpoint } from "./checkpoints/file.ts";
export { checkpointFiles, checkpointStep, findCheckpoint } from "./checkpoints/files.ts";
export { restore } from "./checkpoints/restore.ts";
export {
  type BestStep,
  hasRun,
  type Metrics,
  type RunInfo,
  type RunStatus,
  readRunInfo,
  runPaths,
  stepFileName,
  stepOfFileName,
} from "./runs/info.ts";
export { type ListedRun, listRuns } from "./runs/list.ts";
export { isRunLocked, lockRun, type RunLock } from "./runs/lock.ts";
export { createRun, type RunFacts, type RunRecord, resumeRun, startHeartbeat } from "./runs/record.ts";
export { type MetricRow, type RunEvent, readEvents, readMetrics } from "./runs/rows.ts";
export { type SweepRun, type SweepTrainOptions, trainSweep } from "./train-sweep.ts";
export { type TrainOptions, type TrainResult, train } from "./trainer.ts";

// A run on the ranks of a mesh.

export { meshOf, parseAxes, type RunAxes, type RunMesh } from "./mesh/mesh.ts";
export { trainOnMpi } from "./mesh/mpi.ts";
export { printRunPlan } from "./mesh/plan.ts";
export { type RankInput, trainAsRank } from "./mesh/rank.ts";

// Runs in formats of others.

export { type ExportFormat, exportFormats, exportRun } from "./exports/export-run.ts";
export { exportToMlflow, type MlflowOptions } from "./exports/mlflow.ts";

// The model of a checkpoint, to predict with.

export { loadTrainedModel, type TrainedModel, type TrainedModelOptions } from "./trained-model.ts";

// Configurations of runs.

export { buildLoss, buildOptimizer } from "./config/build.ts";
export { checkTrainConfig } from "./config/check-config.ts";
export { dataFolder } from "./config/data-folder.ts";
export { type Axes, grid } from "./config/grid.ts";
export { loadConfig, loadSweep } from "./config/load-config.ts";
export { type Sweep, type SweepOptions, sweepOf } from "./config/sweep.ts";
export {
  type CheckpointConfig,
  type DataConfig,
  type EvaluationConfig,
  type LoaderConfig,
  type LossConfig,
  type OptimizerConfig,
  type ResolvedConfig,
  resolveConfig,
  type TrainConfig,
} from "./config/train-config.ts";

// Transfer: beginning with other models, cool-downs branched off, teachers, features.

export { DivergenceError, type StabilityConfig, type StabilityMemory } from "./diagnostics/divergence.ts";
export { extractFeatures, type FeatureOptions, type Features } from "./transfer/features.ts";
export { allButHead, onlyHead } from "./transfer/patterns.ts";
export { type BranchStart, branchConfig, type StartConfig } from "./transfer/start.ts";
export type { TeacherConfig } from "./transfer/teacher.ts";
export {
  type AdaptOptions,
  adaptParameters,
  type FileWeights,
  type HostParameters,
  type LoadedModel,
  loadModel,
  type RunWeights,
  type WeightsSource,
} from "./transfer/weights.ts";

// What many runs show together.

export { type ErrorAtCompute, fitPowerLaw, type PowerLaw, predictError } from "./power-law.ts";

// Steps, losses, schedules and optimizers: functions of tensors that run eagerly and inside a jitted function alike.

export { type Averages, type AveragingConfig, averagingShare, updateAverages } from "./averaging.ts";
export { isObserved, meanEntropy, type Observations, observeModel, observeUpdate } from "./diagnostics/observe.ts";
export {
  type EvaluationParts,
  type EvaluationSums,
  evaluationStep,
  type MaskedBatch,
  meanMetrics,
} from "./evaluate.ts";
export { mixExamples, normalizeImages, type PixelStatistics, unitRange } from "./images.ts";
export {
  distillationLoss,
  evenShares,
  type Labels,
  meanOf,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
} from "./losses.ts";
export { type AdafactorOptions, adafactor } from "./optimizers/adafactor.ts";
export { type AdamWOptions, adamw } from "./optimizers/adamw.ts";
export { bigVisionParts } from "./optimizers/big-vision-parts.ts";
export { clipByGlobalNorm, globalNorm } from "./optimizers/clip.ts";
export {
  type NamedOptions,
  type Optimizer,
  type OptimizerState,
  optimizer,
  type Slot,
  type Slots,
  type StepScalars,
  type UpdateRule,
} from "./optimizers/optimizer.ts";
export { type SgdOptions, sgd } from "./optimizers/sgd.ts";
export type { TensorParts } from "./optimizers/tensor-parts.ts";
export { type NameRules, valuesByName } from "./patterns.ts";
export { type Schedule, scheduleFactor } from "./schedules.ts";
export {
  type Batch,
  type Observed,
  type StepInputs,
  type StepMetrics,
  type StepOptions,
  type StepParts,
  type TrainState,
  trainStep,
} from "./step.ts";
export {
  type CompileStepOptions,
  compileStep,
  type HostBatch,
  type HostInputs,
  type StepResult,
  type TakeStep,
} from "./take-step.ts";

// Parts of command line programs that run for long.

export { writeAtomically } from "./atomic-write.ts";
export { describeMachine, describeSource, type Machine, type SourceState } from "./machine.ts";
export { knownPeak, measurePeak, openPeak, type Peak } from "./peak.ts";
export {
  createProgress,
  formatDuration,
  formatNumber,
  type Progress,
  type ProgressState,
  type ProgressStream,
} from "./progress.ts";
export { listenForStop, type StopSignal } from "./stop-signal.ts";
