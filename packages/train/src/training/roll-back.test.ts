import { describe, expect, it } from "vitest";
import { DivergenceError } from "../diagnostics/divergence.ts";
import type { Position } from "./position.ts";
import { rollBackAfter } from "./roll-back.ts";

describe("after an error, a run", () => {
  const reason = new DivergenceError("train/loss became NaN", 36, 40);
  const at = { step: 40, skipped: 5, stability: { losses: [], rollbacks: 2, lastDue: 35 } } as unknown as Position;
  const stability = { onDivergence: "rollback", rollbacks: 3 } as const;

  it("goes back to the checkpoint that was due last, past the data that it has seen", () => {
    expect(rollBackAfter(reason, at, stability)).toEqual({ reason, to: 35, nextBatch: 45, rollbacks: 3 });
  });

  it.each([
    ["may not", reason, at, { ...stability, onDivergence: "stop" }],
    ["has done so as often as it may", reason, at, { ...stability, rollbacks: 2 }],
    ["has not begun", reason, undefined, stability],
    ["failed otherwise", new Error("the disk is full"), at, stability],
  ] as const)("does not go back where it %s", (_, error, position, config) => {
    expect(rollBackAfter(error, position, config)).toBeUndefined();
  });
});
