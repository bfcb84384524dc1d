import { measureOverlapAsRank, type Transport } from "@vitscale/sharding";
import type { RanksAnswer, RanksOrder } from "./ranks/order.ts";
import { timeBlocks } from "./ranks/time-blocks.ts";

/** What each rank of `overlap.ts` does, over whatever it is connected by; every rank returns the same. */
export async function run(transport: Transport, { layers, blocks, rounds }: RanksOrder): Promise<RanksAnswer> {
  const measured = await measureOverlapAsRank(transport, { cases: layers, rounds });
  const answer = [];
  for (const block of blocks) answer.push(await timeBlocks(transport, block, rounds));
  return { transport: transport.name, layers: measured, blocks: answer };
}
