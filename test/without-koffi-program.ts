import { tfjsEngine } from "@vitscale/core";
import { connectMpi } from "@vitscale/sharding";
import { listRuns, train } from "@vitscale/train";
import { configOf } from "./train-on-mpi-rank.ts";

/** Trains, lists runs and connects to MPI where koffi is hidden (`packages/core/test/support/hide-package.ts`); prints what happens as JSON. */
const [, , , , folder = ""] = process.argv;
const stream = { write: () => true };
const { status } = await train(configOf(2), {
  out: `${folder}/run`,
  engine: tfjsEngine("cpu"),
  peakFlops: 1e9,
  stream,
});
const connecting = await connectMpi().then(String, ({ message }: Error) => message);
process.stdout.write(JSON.stringify({ status, listed: listRuns(folder).map((run) => run.status), connecting }));
