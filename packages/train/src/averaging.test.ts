import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { averagingShare, updateAverages } from "./averaging.ts";

beforeAll(() => tf.setBackend("cpu"));

it("forgets the first parameters soon, and later one part in a thousand at each step", () => {
  const shares = [0, 8, 90, 100_000].map((step) => averagingShare({ decay: 0.999 }, step));
  expect(shares).toEqual([0.9, 0.5, 0.09, 0.001].map((share) => expect.closeTo(share, 12)));
});

it("is the exponential average as computed in double precision", () => {
  let averages = { kernel: tf.tensor1d([1, -1]) as tf.Tensor };
  let byHand = [1, -1];
  for (let step = 0; step < 20; step++) {
    const params = [Math.sin(step), step / 10];
    const share = averagingShare({ decay: 0.8 }, step);
    averages = updateAverages(averages, { kernel: tf.tensor1d(params) }, tf.scalar(share)) as typeof averages;
    byHand = byHand.map((average, i) => (1 - share) * average + share * params[i]!);
  }
  for (const [i, value] of averages.kernel.dataSync().entries()) expect(value).toBeCloseTo(byHand[i]!, 5);
});
