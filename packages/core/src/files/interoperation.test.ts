import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { it } from "vitest";
import { saveNpz } from "./npz.ts";
import { saveSafetensors } from "./safetensors.ts";
import { directTensors } from "./testing/arrays.ts";

const folder = process.env.VITSCALE_INTEROPERATION;

// `fixtures/make_files.py check FOLDER` reads the files back with numpy and the reference implementation.
it.skipIf(!folder)("leaves files for Python to read, where VITSCALE_INTEROPERATION names a folder", async () => {
  await mkdir(folder as string, { recursive: true });
  const at = (name: string) => join(folder as string, name);
  await saveSafetensors(at("f32.safetensors"), directTensors, { metadata: { a: "b", "\u00e9": "\u{1f600}" } });
  await saveSafetensors(at("bf16.safetensors"), directTensors, { dtype: "bfloat16" });
  await saveSafetensors(at("f16.safetensors"), directTensors, { dtype: "float16" });
  await saveNpz(at("saved.npz"), directTensors);
});
