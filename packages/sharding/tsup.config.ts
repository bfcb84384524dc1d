import { packageBuild } from "../../tsup.shared.ts";

// Threads are started from files of their own beside the index.
export default packageBuild({
  index: "src/index.ts",
  "thread-entry": "src/transports/threads/entry.ts",
  "mpi-entry": "src/transports/mpi/entry.ts",
  "overlap-rank": "src/measure/overlap-rank.ts",
});
