// Named axes of ranks.

// States of ranks on disk.
export { loadShards, saveShards } from "./checkpoint/shards.ts";
// Ranks that compute together.
export { type Communicator, createCommunicator, type MeshRank, meshRank } from "./communicator.ts";
// Tensors and models that ranks share.
export { normOnMesh } from "./gradients/norm.ts";
export { gradientsOnMesh, type MeshGradients } from "./gradients/on-mesh.ts";
export { type ReduceOptions, reduceGradients } from "./gradients/reduce.ts";
export {
  type ParameterPlan,
  type PrintPlanOptions,
  planSharding,
  printPlan,
  type ShardingPlan,
  type TrafficPlan,
  trafficOfProgram,
} from "./layout/plan.ts";
export { shapeOnly } from "./layout/shape-only.ts";
export { cutOver, isPartitionSpec, joinShards, localShape, shardTensor } from "./layout/shard.ts";
export { type StoreOptions, storeOver } from "./layout/store.ts";
// Parallel linear operations.
export {
  chooseLayout,
  elementsSent,
  type LinearLayout,
  type LinearPlan,
  planLinear,
} from "./linear/choose.ts";
export { type ParallelLinearOptions, parallelLinear } from "./linear/linear.ts";
export type { LinearForm } from "./linear/rings.ts";
// How well transfers hide behind products, measured.
export {
  measureOverlap,
  type OverlapCase,
  type OverlapResult,
  overlapEfficiency,
  type Timing,
} from "./measure/overlap.ts";
export { type Coordinates, createMesh, type Mesh, type MeshAxes } from "./mesh.ts";
export { type Device, type Link, type Machine, type Prediction, predict } from "./model/predict.ts";
export { type ShareOptions, shareFeatures } from "./nn/partition.ts";
export { withStoredParameters } from "./nn/stored.ts";
export { DisagreementError } from "./program/agreement.ts";
// What a step will take.
export { type CutProgram, cutProgram } from "./program/cut.ts";
export { type MeshEngineOptions, meshEngine } from "./program/engine.ts";
export { type TaskEvent, type TaskObserver, Timeline } from "./program/timeline.ts";
export { counted, type SentMessage } from "./transports/counted.ts";
// What carries bytes between ranks.
export { LateError, MismatchError, RankLostError } from "./transports/errors.ts";
export { type InjectedLink, linked } from "./transports/linked.ts";
export { type SimulationOptions, simulatedRanks } from "./transports/simulated.ts";
export type { RankProgram } from "./transports/threads/entry.ts";
export { type LaunchOptions, launchThreads } from "./transports/threads/launch.ts";
export { type Envelope, lastChannel, type Transfer, type Transport } from "./transports/transport.ts";
