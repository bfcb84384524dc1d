import { describe, expect, it } from "vitest";
import { DivergenceError, watchDivergence } from "./divergence.ts";
import { areImagesInfinite, describeCause } from "./locate.ts";

const good = {
  "parameter of head/kernel": 0.5,
  "activation of images": 1,
  "activation of encoder/block00/attention/logits": 3,
  "activation of logits": 1,
  "gradient of patch/kernel": 0.1,
  "gradient of head/kernel": 0.2,
  "update of head/kernel": 0.01,
  "train/loss": 2,
  "optim/grad-norm": 0.3,
};
const bad = (...names: (keyof typeof good)[]) => ({
  ...good,
  ...Object.fromEntries(names.map((name) => [name, Number.NaN])),
});

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
    const found = new DivergenceError("train/loss became NaN", 4, 8, {
      finding: "the activation x was the first, at step 6",
    });
    expect(found.message).toMatch(
      /^train\/loss became NaN in the steps 5 to 8; the activation x was the first, at step 6; lower/,
    );
    expect(new DivergenceError("train/loss became NaN", 7, 8).message).toMatch(
      /^train\/loss became NaN at step 8; lower/,
    );
  });

  it("advises to look at the data where these are the cause", () => {
    expect(new DivergenceError("train/loss became NaN", 7, 8, { finding: "sample 3", isOfData: true }).message).toBe(
      "train/loss became NaN at step 8; sample 3; look at the data, and at data.preprocess and pixels, for what makes such numbers, then " +
        "go on from the last checkpoint by --resume",
    );
    expect([good, bad("activation of images"), bad("activation of logits")].map(areImagesInfinite)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it("does not advise what the model has", () => {
    expect(new DivergenceError("train/loss became NaN", 7, 8, { hasQkNorm: true }).message).toBe(
      "train/loss became NaN at step 8; lower learningRate, or lengthen schedule.warmupSteps, then go on from the last checkpoint by --resume",
    );
  });
});

describe("the cause of a divergence", () => {
  it("is the first tensor of the forward pass, then the loss, the last gradient, the norm, an update", () => {
    const forward = bad("train/loss", "activation of logits", "activation of encoder/block00/attention/logits");
    expect(describeCause([good, good, forward], 11)).toBe(
      "the activation encoder/block00/attention/logits was the first to become NaN, at step 13",
    );
    const first = (...names: (keyof typeof good)[]) => describeCause([bad(...names)], 1)?.replace(/ was .*/, "");
    expect(first("activation of logits", "parameter of head/kernel")).toBe("the parameter head/kernel");
    expect(first("train/loss", "gradient of head/kernel")).toBe("train/loss");
    expect(first("optim/grad-norm", "gradient of patch/kernel", "gradient of head/kernel")).toBe(
      "the gradient of head/kernel",
    );
    expect(first("update of head/kernel", "optim/grad-norm")).toBe("optim/grad-norm");
    expect(first("update of head/kernel")).toBe("the update of head/kernel");
    expect(describeCause([{ ...good, "gradient of patch/kernel": 1e25, "optim/grad-norm": Infinity }], 1)).toBe(
      "optim/grad-norm was the first to become Infinity, at step 1; the largest gradient, 1.00e+25, is that of patch/kernel",
    );
  });

  it("is what grew the most where all is finite, or nothing", () => {
    const grown = { ...good, "activation of encoder/block00/attention/logits": 600, "train/loss": 4 };
    const begun = { ...good, "update of head/kernel": 0 };
    expect(describeCause([begun, grown], 5)).toBe(
      "the activation encoder/block00/attention/logits grew the most, 200 times from step 5 to step 6",
    );
    expect(describeCause([good, good], 5)).toBeUndefined();
    expect(describeCause([], 5)).toBeUndefined();
  });
});
