#!/usr/bin/env node
import { createInterface } from "node:readline";
import { collectGarbage } from "./measure/garbage.ts";
import type { Prepared } from "./peers/implementation.ts";
import { implementations, type NodePeer } from "./peers/implementations/index.ts";
import type { Ready, Sample, Task } from "./peers/protocol.ts";

/** A process that does one task of one peer: `node peer.js NAME`, then lines of JSON as `protocol.ts` describes them. */
const answer = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

// Libraries print to standard output, which is ours: their lines are no JSON objects and are skipped by the reader.
let prepared: Prepared | undefined;

async function prepare(task: Task): Promise<Ready> {
  const name = process.argv[2] as NodePeer;
  const implementation = await implementations[name]();
  const start = performance.now();
  prepared = await implementation(task);
  const { version, threads, check, parts } = prepared;
  return { version, threads, check, setupMilliseconds: performance.now() - start, ...(parts && { parts }) };
}

async function sample(): Promise<Sample> {
  collectGarbage();
  const milliseconds = await prepared!.run();
  // maxRSS is in KiB.
  return { milliseconds, peakBytes: 1024 * process.resourceUsage().maxRSS };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as { task?: Task; finish?: boolean };
  try {
    if (request.task !== undefined) answer(await prepare(request.task));
    else if (request.finish === true) answer((await prepared?.finish?.()) ?? {});
    else answer(await sample());
  } catch (error) {
    answer({ error: (error as Error).message });
  }
}
// Worker threads and spinning pools of libraries must not keep a finished peer alive.
process.exit(0);
