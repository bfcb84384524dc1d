// Parts of the trainer that its package does not export yet, at one place.
export { writeAtomically } from "../../train/src/atomic-write.ts";
export { didYouMean } from "../../train/src/config/nearest.ts";
export { formatDuration } from "../../train/src/progress.ts";
export { listenForStop } from "../../train/src/stop-signal.ts";
