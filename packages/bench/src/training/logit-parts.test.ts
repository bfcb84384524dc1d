import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { defaultEngine, hostTensor } from "@vitscale/core";
import { apply, init, vit22b } from "@vitscale/vit";
import { expect, it } from "vitest";
import { eagerParameters } from "../testing/eager-parameters.ts";
import { logitParts, logitPartsProbe } from "./logit-parts.ts";

/** 4 tokens, heads of width 4. */
const config = vit22b("mu/8", {
  ...{ width: 8, depth: 2, heads: 2, mlpWidth: 16, imageSide: 16, classes: 16, pooling: "gap", qkNorm: "none" },
});
const bytes = Int32Array.from({ length: 2 * 768 }, (_, i) => (i * i * 7 + i) % 256);

it("takes logits apart as loops over queries and keys do", () => {
  const params = eagerParameters(init(config, 0));
  const pixels = tf.tensor(bytes, [2, 16, 16, 3], "int32");
  const found = Object.fromEntries(
    Object.entries(logitParts(config)(params, pixels)).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]),
  );
  const images = tf.sub(tf.div(tf.cast(pixels, "float32"), 127.5), 1);
  const { intermediates } = apply(params, images, config);
  for (const block of [0, 1]) {
    const rows = (name: string) => {
      const { [`encoder/block0${block}/attention/${name}`]: tensor } = intermediates;
      return (tf.reshape(tensor!, [4, 4, 4]) as tf.Tensor3D).arraySync(); // [batch · heads, tokens, headWidth]
    };
    const [queries, keys] = [rows("query"), rows("key")];
    const pairs = queries.flatMap((ofHead, head) =>
      ofHead.flatMap((query) =>
        keys[head]!.map((key) => {
          const product = Math.abs(query.reduce((sum, value, i) => sum + value * key[i]!, 0));
          const [queryNorm, keyNorm] = [Math.hypot(...query), Math.hypot(...key)];
          return { logit: product / 2, queryNorm, keyNorm, alignment: product / queryNorm / keyNorm };
        }),
      ),
    );
    const largest = pairs.reduce((most, pair) => (pair.logit > most.logit ? pair : most));
    expect(found.maxLogit![block]).toBeCloseTo(largest.logit, 5);
    for (const name of ["queryNorm", "keyNorm", "alignment"] as const) {
      expect(found[name]![block]).toBeCloseTo(largest[name], 5);
      const mean = pairs.reduce((sum, pair) => sum + pair[name], 0) / pairs.length;
      expect(found[`mean${name[0]!.toUpperCase()}${name.slice(1)}`]![block]).toBeCloseTo(mean, 5);
    }
    // ½·ln 4 = ln 2.
    const parts = [found.queryNorm!, found.keyNorm!, found.alignment!].map((values) => Math.log(values[block]!));
    const sum = parts.reduce((total, part) => total + part, 0) - Math.LN2;
    expect(Math.log(found.maxLogit![block]!)).toBeCloseTo(sum, 5);
  }
});

it("gives compiled what it gives eagerly, with names for run records", async () => {
  const probe = logitPartsProbe(config, defaultEngine());
  const images = hostTensor("uint8", [2, 16, 16, 3], Uint8Array.from(bytes));
  const seen = await probe.measure(init(config, 0) as never, images);
  const eager = logitParts(config)(eagerParameters(init(config, 0)), tf.tensor(bytes, [2, 16, 16, 3], "int32"));
  for (const [name, tensor] of Object.entries(eager)) {
    if (name === "bound") continue;
    const values = seen[name as "maxLogit"];
    for (const [i, value] of tensor.dataSync().entries()) expect(values[i]).toBeCloseTo(value, 4);
  }
  expect(seen.bound).toEqual([null, null]);
  expect(Object.keys(probe.metrics(seen)).filter((name) => name.endsWith("block01"))).toEqual([
    ...["attention-logit-max/block01", "attention-entropy/block01"],
    ...["attention-query-norm/block01", "attention-key-norm/block01", "attention-alignment/block01"],
  ]);
  await probe.dispose();
});

it("refuses a model whose logits are products of normalised queries and keys", () => {
  expect(() => logitParts({ ...config, qkNorm: "rms" })).toThrow(
    "qkNorm is rms; logits are products of queries and keys as they are where it is none",
  );
});
