import type { Transfer } from "../transports/transport.ts";

/**
 * A collective as it proceeds: yields the transfers that must be over before it can go on, and returns its result. So one
 * text serves callers that wait and callers that block.
 */
export type Exchange<Result> = Generator<readonly Transfer[], Result, void>;

/** Completes an exchange while the thread does other things. */
export async function complete<Result>(exchange: Exchange<Result>): Promise<Result> {
  for (;;) {
    const step = exchange.next();
    if (step.done) return step.value;
    // All of them, even if one fails: no transfer may go on into memory that somebody uses again.
    const results = await Promise.allSettled(step.value.map((transfer) => transfer.wait()));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}

/** Completes an exchange and blocks the thread meanwhile. */
export function completeSync<Result>(exchange: Exchange<Result>): Result {
  for (;;) {
    const step = exchange.next();
    if (step.done) return step.value;
    for (const transfer of step.value) transfer.waitSync();
  }
}
