import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init, vit22b } from "@vitscale/vit";
import { expect, it } from "vitest";
import { taskBatch } from "./implementation.ts";
import { findPeer, importPeer } from "./packages.ts";
import { writeWeights } from "./weights.ts";

it("writes parameters one after the other, as other languages read them", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitscale-weights-"));
  const model = vit22b("mu/16", { imageSide: 32, classes: 4, pooling: "gap" });
  const { path, parameters } = writeWeights(join(folder, "w.f32"), model);
  const bytes = readFileSync(path);
  const place = parameters.findIndex(({ name }) => name === "encoder/block00/in/kernel");
  const size = (shape: readonly number[]) => shape.reduce((product, axis) => product * axis, 1);
  const before = parameters.slice(0, place).reduce((sum, { shape }) => sum + size(shape), 0);
  expect(bytes.readFloatLE(4 * before)).toBe(init(model, 0).encoder.block00!.in!.kernel.data[0]);
  expect(bytes.length).toBe(4 * parameters.reduce((sum, { shape }) => sum + size(shape), 0));
  rmSync(folder, { recursive: true });
});

it("makes the images that peers in other languages make", () => {
  const { images, labels } = taskBatch({ model: vit22b("mu/16", { imageSide: 32, classes: 3 }), batch: 4 });
  // 7919·i mod 251, i = 0, 1, 2 and the last of 4·32·32·3.
  expect([0, 1, 2, 12_287].map((index) => images.data[index])).toEqual([0, 138, 25, (12_287 * 7919) % 251]);
  expect(Array.from(labels.data)).toEqual([0, 1, 2, 0]);
});

it("finds packages of peers, and says how to install one that is not there", async () => {
  expect(findPeer("@tensorflow/tfjs-backend-cpu")).toMatch(/^file:.*tfjs-backend-cpu/);
  await expect(importPeer("no-such-peer")).rejects.toThrow(
    "no-such-peer is not installed; npm install --prefix ~/peers no-such-peer, and set VITSCALE_PEERS=~/peers",
  );
});
