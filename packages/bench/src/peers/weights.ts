import { closeSync, openSync, writeSync } from "node:fs";
import { type HostTensor, isHostTensor, treeEntries } from "@vitscale/core";
import { init, type ViTConfig } from "@vitscale/vit";
import type { WeightsFile } from "./protocol.ts";

/** Writes the initial weights of a model (seed 0) to a file, for peers that have no initialisation of ours. */
export function writeWeights(path: string, model: ViTConfig): WeightsFile {
  const entries = treeEntries<HostTensor<"float32">>(init(model, 0), isHostTensor);
  const file = openSync(path, "w");
  try {
    for (const [, { data }] of entries) {
      // Every platform of Node that has a float32 array stores it little endian.
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    }
  } finally {
    closeSync(file);
  }
  return { path, parameters: entries.map(([name, { shape }]) => ({ name, shape })) };
}
