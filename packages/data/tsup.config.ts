import { packageBuild } from "../../tsup.shared.ts";

// The worker is a file of its own beside the index: threads are started from it.
export default packageBuild({ index: "src/index.ts", worker: "src/loader/worker.ts" });
