import { describe, expect, it } from "vitest";
import { countingImages, cutImages, forget } from "../../test/own-module.ts";
import { flip } from "../ops/flip.ts";
import { generatedShapes } from "../sources/generated-shapes.ts";
import { openLoader } from "./loader.ts";
import { mixup } from "./mix.ts";
import type { Pipeline } from "./pipeline.ts";

describe("mistakes in a pipeline", () => {
  const source = countingImages({ length: 4 });

  it.each([
    [{ source, batchSize: 0 }, "batchSize is 0; give an integer, 1 or more"],
    [{ source, batchSize: Number.NaN }, "batchSize is NaN; give an integer, 1 or more"],
    [{ source, batchSize: -2 }, "batchSize is -2; give an integer, 1 or more"],
    [{ source, batchSize: 2.5 }, "batchSize is 2.5; give an integer, 1 or more"],
    [
      { source: generatedShapes({ length: 4, side: 32 }), batchSize: 1e9 },
      "batches of 1000000000 images of 32x32x3 (uint8), 1 at a time, would take 3070 GB, and this machine has",
    ],
    [{ source, batchSize: 2, epochs: 1.5 }, "epochs is 1.5; give a whole number above 0, or Infinity"],
    [{ source, batchSize: 2, epochs: Number.NaN }, "epochs is NaN; give a whole number above 0, or Infinity"],
    [{ source, batchSize: 2, seed: 0.5 }, "seed 0.5 is not an integer from 0 to 2^53 - 1"],
    [{ source: countingImages({ length: 0 }), batchSize: 2 }, "the data set has no samples"],
    [
      { source, batchSize: 8, last: "wrap", epochs: 1 },
      "a batch of 8 is more than the 4 samples of the run; make the batch smaller, or ask for more epochs",
    ],
    [
      { source, preprocess: [forget()], batchSize: 2 },
      'number 0: the operation "forget" gave undefined; an image is { height, width, channels, data }',
    ],
    [
      { source: cutImages({}), batchSize: 2 },
      "the only one: the data set gave { height: 2, width: 1, channels: 3, data: Uint8Array(3) [ 1, 2, 3 ] }; an image is",
    ],
    [
      { source, preprocess: [{ op: "melt", options: {}, module: "file:///nowhere.mjs" }], batchSize: 2 },
      'operation "melt" is of the module file:///nowhere.mjs, which cannot be loaded (',
    ],
    [
      { source, batchSize: 8, shuffle: true },
      'a batch of 8 is more than the 4 samples, and what does not fill a batch is dropped; make the batch smaller, or set last to "wrap"',
    ],
    [
      { source, batchSize: 8, shuffle: true, epochs: 1 },
      'and what does not fill a batch is dropped; make the batch smaller, or set last to "pad"',
    ],
    [{ source, batchSize: 2, mix: mixup({}) }, "images are mixed, but the last batch is padded"],
    [
      { source, batchSize: 2, shuffle: true, labels: "class", mix: mixup({}) },
      'images are mixed on the host, but labels are "class"',
    ],
    [{ source, batchSize: 2, seed: -1 }, "seed -1 is not an integer from 0 to 2^53 - 1"],
    [
      { source: { source: "nothing", options: {} }, batchSize: 2 },
      'no data format "nothing" in the built-in ones (cifarBinary, ',
    ],
  ] satisfies [Pipeline, string][])("are named: %#", async (pipeline, message) => {
    await expect(openLoader(pipeline, { workers: 0 })).rejects.toThrow(message);
  });

  it.each([
    [undefined, "the pipeline is undefined; give an object with source, subset, "],
    [{ source, batchsize: 2 }, '"batchsize" is no field of the pipeline; did you mean "batchSize"?'],
    [{ source, batchSize: 2, workers: 3 }, '"workers" is no field of the pipeline; its fields are source, '],
    [{ source, batchSize: "2" }, 'batchSize is "2"; give an integer, 1 or more'],
    [{ batchSize: 2 }, "source is undefined; give a data set, such as generatedShapes({ length, side })"],
    [{ source: "mnist", batchSize: 2 }, 'source is "mnist"; give a data set'],
    [{ source, batchSize: 2, shuffle: "yes" }, 'shuffle is "yes"; give true or false'],
    [{ source, batchSize: 2, preprocess: flip() }, "preprocess is { op: 'flip', options: {} }; give a list"],
    [
      { source, batchSize: 2, preprocess: [flip(), [flip()]] },
      "preprocess[1] is [ { op: 'flip', options: {} } ]; give an operation",
    ],
    [{ source, batchSize: 2, preprocess: [flip] }, "preprocess[0] is [Function"],
    [{ source, batchSize: 2, decode: { orientaton: "apply" } }, 'no field of decode; did you mean "orientation"?'],
    [{ source, batchSize: 2, decode: { orientation: "up" } }, 'decode.orientation is "up"; give "ignore" or "apply"'],
    [{ source, batchSize: 2, mix: null }, "a mix is null; give an object with kind, alpha, probability, apply"],
    [{ source, batchSize: 2, mix: { ...mixup(), kind: "mix" } }, 'kind of a mix is "mix"; give "mixup" or "cutmix"'],
    [{ source, batchSize: 2, mix: { ...mixup(), alpha: Number.NaN } }, "mixup has alpha NaN and probability 1; give"],
    [
      { source: { ...source, options: { length: 4 }, module: "file:///no.mjs" }, batchSize: 2 },
      "which cannot be loaded",
    ],
    [
      { source: { source: "generatedShapes", options: { length: 4, size: 8 } }, batchSize: 2 },
      '"size" is no option of generatedShapes; did you mean "side"?',
    ],
    [{ source, batchSize: 2, last: "keep" }, 'last is "keep"; give "drop" or "wrap" or "pad"'],
    [{ source, batchSize: 2, onBroken: "ignore" }, 'onBroken is "ignore"; give "throw" or "skip"'],
    [{ source, batchSize: 2, labels: "hard" }, 'labels is "hard"; give "class" or "soft"'],
  ])("are named where TypeScript does not see them: %#", async (pipeline, message) => {
    await expect(openLoader(pipeline as unknown as Pipeline, { workers: 0 })).rejects.toThrow(message);
  });

  it("are named for options too", async () => {
    const open = (options: object) => openLoader({ source, batchSize: 2 }, options);
    await expect(open({ start: { epoch: 0, batch: 7 } })).rejects.toThrow(
      "there is no batch 7 in epoch 0: an epoch has 2 batches, the run 2 in all",
    );
    const mistakes: [object, string][] = [
      [{ workers: -1 }, "workers is -1; give an integer from 0 to 1024"],
      [{ workers: 1e6 }, "workers is 1000000; give an integer from 0 to 1024"],
      [{ worker: 1 }, '"worker" is no option of openLoader; did you mean "workers"?'],
      [{ prefetch: 0.5 }, "prefetch is 0.5; give an integer, 1 or more"],
      [{ cacheBytes: Number.NaN }, "cacheBytes is NaN; give an integer, 0 or more"],
      [{ cacheBytes: 1e15 }, "the cache of images would take 1000000 GB, and this machine has"],
      [{ shard: { index: 0, of: 2 } }, '"of" is no field of shard; its fields are index, count'],
      [{ start: {} }, "start is {}; give { step }, or { epoch, batch }"],
      [{ start: null }, "start is null; give an object with step, epoch, batch"],
      [{ start: { epoch: 1 } }, "start is { epoch: 1 }; give { step }, or { epoch, batch }"],
      [{ start: { step: 1, batch: 1 } }, "start is { step: 1, batch: 1 }; give { step }, or { epoch, batch }"],
      [{ start: { step: Number.NaN } }, "start.step is NaN; give an integer, 0 or more"],
      [{ start: { epoch: 0, batch: -1 } }, "start.batch is -1; give an integer, 0 or more"],
      [{ start: { step: 3 } }, "start.step is 3, but the run has 2 batches, from 0 to 1; begin at one of them"],
    ];
    for (const [options, message] of mistakes) await expect(open(options)).rejects.toThrow(message);
  });

  it("do not stand in the way of a run that is over", async () => {
    const loader = await openLoader({ source, batchSize: 2 }, { workers: 0, start: { step: 2 } });
    expect(await loader.next()).toBeUndefined();
  });
});
