import { parentPort, workerData } from "node:worker_threads";
import type { MpiNews, MpiStart } from "./connect.ts";
import { findLaunch } from "./launcher.ts";
import { loadLibrary } from "./library.ts";
import { Shared } from "./memory.ts";
import { Owner } from "./owner.ts";
import { openWorld } from "./world.ts";

/** Entry of the thread that owns MPI: loads the library, opens the world, and serves the program until it leaves. */
if (parentPort === null) throw new Error("internal: the thread of MPI was not started as a worker");
const port = parentPort;
const { memory, choice, graceMs, chunkBytes } = workerData as MpiStart;
const tell = (news: MpiNews) => port.postMessage(news);
const shared = new Shared(memory);

try {
  const world = openWorld(loadLibrary(choice), findLaunch());
  const { rank, size, library } = world;
  tell({ kind: "ready", rank, size, version: library.version });
  const onFinalize = () => {
    shared.enter("finalizing");
    tell({ kind: "finalizing" });
  };
  new Owner({ world, shared, graceMs, chunkBytes, wake: () => tell({ kind: "events" }), onFinalize }).serve();
} catch (error) {
  const { name, message } = error as Error;
  tell({ kind: "failed", name, message });
} finally {
  shared.enter("ended");
}
