import { fileURLToPath } from "node:url";
import { type HostTensor, openSafetensors } from "@vitscale/core";

/** The float32 tensors of a safetensors file. */
export async function readTensors(path: URL): Promise<Record<string, HostTensor<"float32">>> {
  const file = await openSafetensors(fileURLToPath(path));
  const entries = [...file.tensors.keys()].map(async (name) => [name, await file.read(name)] as const);
  const tensors = Object.fromEntries(await Promise.all(entries));
  await file.close();
  return tensors as Record<string, HostTensor<"float32">>;
}
