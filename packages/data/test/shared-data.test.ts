import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openSource, type Source } from "../src/open-source.ts";
import { Random } from "../src/random/random.ts";
import { keyOf } from "../src/random/threefry.ts";
import { cifarBinary } from "../src/sources/cifar.ts";
import { cifar10Classes } from "../src/sources/cifar-classes.ts";
import { idx, mnist } from "../src/sources/idx.ts";
import { parquet } from "../src/sources/parquet.ts";

// Real data sets, in a folder beside the repository that not every machine has.
const images = new URL("../../../../shared/data/images/", import.meta.url).pathname;
const present = existsSync(images);
if (!present) process.stdout.write(`skipped: real CIFAR-10 and MNIST, because there is no ${images}\n`);

const counts = (labels: Int32Array, classes: number) =>
  Array.from({ length: classes }, (_, label) => labels.filter((value) => value === label).length);

/** Mean of each channel, 0 to 1, over some random samples. */
async function channelMeans(source: Source, samples: number) {
  const sums = [0, 0, 0];
  let pixels = 0;
  for (const index of new Random(keyOf(0)).permutation(source.length).subarray(0, samples)) {
    const { data, channels } = await source.read(index);
    for (let i = 0; i < data.length; i++) sums[i % channels]! += data[i]!;
    pixels += data.length / channels;
  }
  return sums.map((sum) => sum / pixels / 255);
}

describe.skipIf(!present)("real data", () => {
  // Widely published means of the training set. The files hold JPEGs of it, and we look at a part: 0.006 is three standard
  // errors of the mean brightness of 2500 images.
  const published = [0.4914, 0.4822, 0.4465];

  it("CIFAR-10 in Parquet has the published size, balance and means", async () => {
    const open = (split: string) =>
      openSource(parquet({ files: [`${images}cifar10/cifar10-${split}.parquet`], classes: cifar10Classes }));
    const [train, test] = [await open("train"), await open("test")];
    expect(counts(train.labels, 10)).toEqual(new Array(10).fill(5000));
    expect(counts(test.labels, 10)).toEqual(new Array(10).fill(1000));
    const means = await channelMeans(train, 2500);
    for (const [channel, mean] of means.entries()) expect(Math.abs(mean - published[channel]!)).toBeLessThan(0.006);
    await Promise.all([train.close(), test.close()]);
  });

  it("CIFAR-10 in binary has the balance and means of its part", async () => {
    const file = (name: string) => cifarBinary({ files: [`${images}cifar10/${name}.bin.gz`], labels: "cifar10" });
    const [train, test] = [await openSource(file("cifar10-train-5000")), await openSource(file("cifar10-test-2000"))];
    expect(counts(train.labels, 10)).toEqual(new Array(10).fill(500));
    expect(counts(test.labels, 10)).toEqual(new Array(10).fill(200));
    const means = await channelMeans(train, 5000);
    for (const [channel, mean] of means.entries()) expect(Math.abs(mean - published[channel]!)).toBeLessThan(0.012);
  });

  it("MNIST has the published size, first labels and mean", async () => {
    const files = (part: string) => ({
      images: `${images}mnist/mnist-${part}-images.idx3-ubyte.gz`,
      labels: `${images}mnist/mnist-${part}-labels.idx1-ubyte.gz`,
    });
    const [train, test] = [await openSource(idx(files("train"))), await openSource(idx(files("test")))];
    // Class counts as LeCun's files have them.
    expect(counts(train.labels, 10)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(counts(test.labels, 10)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
    const [mean] = await channelMeans(train, 60_000);
    expect(mean).toBeCloseTo(0.1307, 4);
  });

  it("says how to get files that are not there under their usual names", async () => {
    await expect(openSource(mnist({ folder: `${images}mnist`, split: "train" }))).rejects.toThrow(
      /train-images-idx3-ubyte\.gz: is not there/,
    );
  });
});
