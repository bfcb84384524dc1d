#!/usr/bin/env node
import { connectMpi, findLaunch, launchThreads } from "@vitscale/sharding";
import { run } from "./overlap-rank.ts";
import type { RanksAnswer, RanksOrder } from "./ranks/order.ts";

/**
 * A process that measures on ranks: `node overlap.js ORDER`, ORDER in JSON as `ranks/order.ts` describes it. Under `mpirun` it is one of
 * the ranks, and the first one answers; else it starts ranks in threads. The answer is a line of JSON on standard output.
 */
const [text = "{}"] = process.argv.slice(2);
const order = JSON.parse(text) as RanksOrder;
const answer = findLaunch() === undefined ? await inThreads() : await asRank();
if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);

async function inThreads(): Promise<RanksAnswer> {
  const size = [...order.layers, ...order.blocks][0]?.ranks ?? 1;
  const module = new URL(import.meta.url.endsWith(".ts") ? "./overlap-rank.ts" : "./overlap-rank.js", import.meta.url);
  const [answer] = await launchThreads<RanksOrder, RanksAnswer>({ size, module, input: order });
  return answer as RanksAnswer;
}

async function asRank(): Promise<RanksAnswer | undefined> {
  const { transport, version } = await connectMpi();
  const answer = await run(transport, order);
  await transport.close();
  return transport.rank === 0 ? { ...answer, transport: version } : undefined;
}
