import { describe, expect, it } from "vitest";
import { DivergenceError, watchDivergence } from "./divergence.ts";
import { describeCause } from "./locate.ts";

describe("a watch over rows of metrics", () => {
  it("names the first metric that is not finite, and the steps", () => {
    const watch = watchDivergence();
    const metrics = { "train/loss": [2.5, 2.4], "optim/grad-norm": [1, Number.NaN] };
    expect(() => watch.check(metrics, 20, 22)).toThrow(
      "optim/grad-norm became NaN in the steps 21 to 22; lower learningRate, lengthen schedule.warmupSteps, or set model.qkNorm",
    );
  });

  it("sees a loss that jumps above its median, once it has seen enough", () => {
    const watch = watchDivergence({ spikeFactor: 3 });
    const rows = [9, 2, 2.2, 1.8, 2.1];
    for (const [i, loss] of rows.entries()) watch.row({ "train/loss": loss }, 10 * i, 10 * i + 10);
    expect(() => watch.row({ "train/loss": 6.2 }, 50, 60)).not.toThrow();
    expect(() => watch.row({ "train/loss": 6.6 }, 60, 70)).toThrow(
      "train/loss jumped to 6.600 from 2.150 in the steps 61 to 70",
    );
    const patient = watchDivergence({ spikeFactor: 3 });
    for (const loss of [1, 1, 1, 1, 100]) patient.row({ "train/loss": loss }, 0, 1);
  });

  it("says what was found", () => {
    const error = new DivergenceError("train/loss became NaN", 4, 8, "diagnostics/x/head was the first, at step 6");
    expect(error.message).toMatch(
      /^train\/loss became NaN in the steps 5 to 8; diagnostics\/x\/head was the first, at step 6; lower/,
    );
  });
});

describe("the cause of a divergence", () => {
  const good = {
    "diagnostics/activation-rms/tokens": 1,
    "diagnostics/attention-logit/encoder/block00": 3,
    "diagnostics/activation-rms/logits": 1,
    "diagnostics/gradient-norm/patch": 0.1,
    "diagnostics/gradient-norm/head": 0.2,
    "diagnostics/update-norm/head": 0.01,
    "diagnostics/parameter-norm/head": 2,
    "train/loss": 2,
  };
  const bad = (...names: (keyof typeof good)[]) => ({
    ...good,
    ...Object.fromEntries(names.map((name) => [name, Number.NaN])),
  });

  it("is the first tensor of the forward pass, then the loss, then the last gradient", () => {
    const forward = bad(
      "train/loss",
      "diagnostics/activation-rms/logits",
      "diagnostics/attention-logit/encoder/block00",
    );
    expect(describeCause([good, good, forward], 11)).toBe(
      "diagnostics/attention-logit/encoder/block00 was the first to become NaN, at step 13",
    );
    const loss = bad("train/loss", "diagnostics/gradient-norm/head");
    expect(describeCause([loss], 1)).toBe("train/loss was the first to become NaN, at step 1");
    const backward = bad("diagnostics/gradient-norm/patch", "diagnostics/gradient-norm/head");
    expect(describeCause([backward], 1)).toContain("gradient-norm/head was the first");
  });

  it("is what grew the most where all is finite, or nothing", () => {
    const grown = { ...good, "diagnostics/attention-logit/encoder/block00": 600, "train/loss": 4 };
    expect(describeCause([good, grown], 5)).toBe(
      "diagnostics/attention-logit/encoder/block00 grew the most, 200 times from step 5 to step 6",
    );
    expect(describeCause([good, good], 5)).toBeUndefined();
    expect(describeCause([], 5)).toBeUndefined();
  });
});
