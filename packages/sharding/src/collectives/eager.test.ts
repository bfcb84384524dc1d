import { expect, it } from "vitest";
import type { EagerOutcome } from "../testing/eager-rank.ts";
import { launchThreads } from "../transports/threads/launch.ts";

it("eager collectives in threads give what compiled ones give, and name a mistake instead of hanging", {
  timeout: 120_000,
}, async () => {
  const outcomes = await launchThreads<undefined, EagerOutcome>({
    size: 2,
    module: new URL("../testing/eager-rank.ts", import.meta.url),
    input: undefined,
  });
  // Gathered rows A = [1 2; 3 4; 2 3; 4 5] on both ranks; the loss is the mean of (AᵀA)², squared elementwise.
  const products = [30, 40, 40, 54];
  expect(outcomes.map(({ value }) => value)).toEqual([0, 1].map(() => products.reduce((sum, p) => sum + p * p, 0) / 4));
  for (const { gradient, compiled } of outcomes) {
    for (const [i, slope] of gradient.entries()) expect(compiled[i]).toBeCloseTo(slope, 2);
  }
  // d/dA of the sum of both ranks' losses is 2·A·(AᵀA).
  expect(outcomes[0]!.gradient).toEqual([1, 2, 3, 4].map((_, i) => [220, 296, 500, 672][i]!));
  const [broadcast, reduce, permute, allReduce] = outcomes[0]!.mistakes;
  expect(broadcast).toContain(
    'rank 0 expects "eager call 5, collectiveBroadcast of float32[1] over model root 0, call',
  );
  expect(broadcast).toContain(
    'but rank 1 sends "eager call 5, collectiveBroadcast of float32[1] over model root 1, call',
  );
  expect(reduce).toMatch(
    /rank 0 expects "eager call 6, collectiveReduce .* root 0, call .* but rank 1 sends .* root 1, call/,
  );
  expect(permute).toMatch(
    /rank 0 expects "eager call 7, collectivePermute .* pairs 0,1, call .* but rank 1 sends .* pairs 1,1, call/,
  );
  expect(allReduce).toContain(
    'rank 0 expects "eager call 8, allReduce of float32[1] over model reduction sum, whole (4 bytes)", but rank 1 sends ' +
      '"eager call 8, allReduce of float32[2] over model reduction sum, whole (8 bytes)"',
  );
});
