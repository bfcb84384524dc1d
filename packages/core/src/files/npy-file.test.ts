import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { hostTensor } from "../host-tensor.ts";
import { openNpy, saveNpy } from "./npy-file.ts";
import { scratchFolder } from "./testing/scratch.ts";

const scratch = scratchFolder();

/** A file as `numpy.save` writes it: 10 bytes before a header text that ends at a multiple of 64 with a newline. */
async function saved(description: string, data: ArrayBufferView, { isFortran = false, shape = "(3, 2)" } = {}) {
  const text = `{'descr': '${description}', 'fortran_order': ${isFortran ? "True" : "False"}, 'shape': ${shape}, }`;
  const start = Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1");
  const path = scratch("made.npy");
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  await writeFile(path, Buffer.concat([start, Buffer.from(`${text.padEnd(117)}\n`), bytes]));
  return path;
}

it("reads rows of what NumPy wrote", async () => {
  const file = await openNpy(await saved("<f8", Float64Array.of(1, 2, 3, 4, 5, 6)));
  expect(file).toMatchObject({ shape: [3, 2], format: "float64" });
  expect(await file.read({ convert: true })).toEqual(hostTensor("float32", [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)));
  expect(await file.read({ start: 1, end: 2, convert: true })).toEqual(
    hostTensor("float32", [1, 2], Float32Array.of(3, 4)),
  );
  await expect(file.read({ start: 1, end: 4 })).rejects.toThrow(`rows 1 to 4 of ${file.path}, which has 3`);
  await expect(file.read()).rejects.toThrow('tensor "array" is float64, which host tensors do not have');
  await file.close();
});

it("turns big-endian numbers round, and reads scalars", async () => {
  const file = await openNpy(await saved(">i2", Uint8Array.of(1, 2), { shape: "()" }));
  expect(await file.read({ convert: true })).toEqual(hostTensor("int32", [], Int32Array.of(258)));
  await file.close();
});

it("names files whose rows it cannot give", async () => {
  const path = await saved("<f4", Float32Array.of(1, 2, 3, 4, 5, 6), { isFortran: true });
  await expect(openNpy(path)).rejects.toThrow(`${path}: is in Fortran's order; save it as numpy.ascontiguousarray`);
  const cut = await saved("<f4", Float32Array.of(1, 2, 3, 4, 5, 6));
  await truncate(cut, 140);
  await expect(openNpy(cut)).rejects.toThrow(`${cut}: is [3,2] of 24 bytes, but has 12`);
});

it("saves no file of another size than it says", async () => {
  const path = scratch("short.npy");
  await expect(saveNpy(path, { dtype: "float32", shape: [3], data: new Float32Array(2) })).rejects.toThrow(
    'tensor "array" has shape [3] of 3 elements, but 2 were given',
  );
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

it("saves what it reads back, elements aligned to 64 bytes", async () => {
  const path = scratch("saved.npy");
  const tensor = hostTensor("int32", [2, 3], Int32Array.of(1, -2, 3, -4, 5, -6));
  await saveNpy(path, tensor);
  const file = await openNpy(path);
  expect(await file.read()).toEqual(tensor);
  await file.close();
  expect((await readFile(path)).length % 64).toBe(24);
});
