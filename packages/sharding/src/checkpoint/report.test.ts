import { describe, expect, it } from "vitest";
import { gatherValues } from "../collectives/gather-texts.ts";
import { createMesh } from "../mesh.ts";
import { onRanks } from "../testing/on-ranks.ts";

import { reportToFirst } from "./report.ts";

describe("reports to the first rank", () => {
  it("arrive by rank, whatever their lengths, while ranks talk of other things", async () => {
    const results = await onRanks(createMesh({ data: 3 }), async (communicator) => {
      const { rank } = communicator;
      const report = reportToFirst(communicator, "files", "é".repeat(1000 * rank));
      const others = await gatherValues(communicator, "something else", rank);
      return { others, lengths: (await report)?.map((text) => text.length) };
    });
    expect(results.map(({ others }) => others)).toEqual([0, 1, 2].map(() => [0, 1, 2]));
    expect(results.map(({ lengths }) => lengths)).toEqual([[0, 1000, 2000], undefined, undefined]);
  });
});
