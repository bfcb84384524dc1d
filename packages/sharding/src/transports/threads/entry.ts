import { parentPort, workerData } from "node:worker_threads";
import type { Transport } from "../transport.ts";
import type { ThreadEnd, ThreadStart } from "./launch.ts";
import { threadTransport } from "./transport.ts";

/** What a module for `launchThreads` exports as `run`. */
export type RankProgram<Input, Output> = (transport: Transport, input: Input) => Promise<Output> | Output;

/** Entry of a thread: becomes the rank that it was started as, runs the program, and says how it ended. */
if (parentPort === null) throw new Error("internal: a rank was not started as a worker thread");
const port = parentPort;
const { module, input, ...plan } = workerData as ThreadStart;
const transport = threadTransport(plan);

async function end(): Promise<ThreadEnd> {
  try {
    const { run } = (await import(module)) as { run?: RankProgram<unknown, unknown> };
    if (typeof run !== "function") throw new TypeError(`${module} exports no function "run" for ranks to call`);
    return { result: await run(transport, input) };
  } catch (error) {
    const { message = String(error), stack = message } = error as Partial<Error>;
    return { message, stack };
  }
}

port.postMessage(await end());
await transport.close();
