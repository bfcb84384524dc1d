import { type HostTensor, openNpz, openSafetensors } from "@vitscale/core";
import type { Float, ForeignState } from "./dialect.ts";

/**
 * The floating-point tensors of a checkpoint file, .safetensors or .npz, as float32. Integers, such as PyTorch's `position_ids`, are left
 * out: they are no parameters.
 *
 * @throws RangeError for other files, FileFormatError for damaged ones.
 */
export async function readState(path: string): Promise<ForeignState> {
  const tensors = path.endsWith(".npz") ? readNpz(path) : path.endsWith(".safetensors") ? readSafetensors(path) : null;
  if (tensors === null)
    throw new RangeError(`${path} is no checkpoint that can be read; give a .safetensors or .npz file`);
  const entries = [...(await tensors)].filter(([, { dtype }]) => dtype === "float32");
  return Object.fromEntries(entries) as Record<string, Float>;
}

async function readSafetensors(path: string): Promise<Map<string, HostTensor>> {
  const file = await openSafetensors(path);
  try {
    const tensors = new Map<string, HostTensor>();
    for (const name of file.tensors.keys()) tensors.set(name, await file.read(name, { convert: true }));
    return tensors;
  } finally {
    await file.close();
  }
}

async function readNpz(path: string): Promise<Map<string, HostTensor>> {
  const file = await openNpz(path);
  try {
    const tensors = new Map<string, HostTensor>();
    for (const name of file.names) tensors.set(name, await file.read(name, { convert: true }));
    return tensors;
  } finally {
    await file.close();
  }
}
