import { parentPort, workerData } from "node:worker_threads";
import { type FromWorker, type ToWorker, toPlain } from "./messages.ts";
import type { WorkPlan } from "./plan.ts";
import { openRowWorker } from "./work.ts";

/** Entry of a worker thread: jobs come one after another and are worked on in that order. */
if (parentPort === null) throw new Error("internal: the data worker was not started as a worker thread");
const port = parentPort;
const say = (message: FromWorker, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, transfer);

const worker = await openRowWorker(workerData as WorkPlan, (sample) => say({ kind: "broken", sample }));

let turn = Promise.resolve();
port.on("message", (message: ToWorker) => {
  turn = turn.then(async () => {
    if (message.kind === "close") {
      await worker.close();
      port.close();
      return;
    }
    const { step } = message.job;
    try {
      const data = await worker.work(message.job);
      if (data !== undefined) say({ kind: "batch", step, data }, [data.buffer as ArrayBuffer]);
    } catch (error) {
      say({ kind: "failed", step, error: toPlain(error) });
    }
  });
});
