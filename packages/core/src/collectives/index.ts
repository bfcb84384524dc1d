export { after } from "./after.ts";
export {
  allGather,
  allReduce,
  allToAll,
  broadcastFrom,
  type CollectiveKernel,
  type CollectiveKernels,
  collectivePermute,
  type RankGroup,
  reduceScatter,
  reduceTo,
  ringShift,
} from "./kernels.ts";
