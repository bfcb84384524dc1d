export { type Append, writeAtomically } from "./atomic-file.ts";
export type { ElementFormat } from "./elements.ts";
export { FileFormatError } from "./file-format-error.ts";
export { type NpyFile, openNpy, saveNpy } from "./npy-file.ts";
export { type NpzFile, type NpzRows, type NpzTexts, openNpz, saveNpz } from "./npz.ts";
export type { ReadOptions } from "./read-tensor.ts";
export {
  openSafetensors,
  type SafetensorsFile,
  type SafetensorsFloat,
  type SaveSafetensorsOptions,
  saveSafetensors,
} from "./safetensors.ts";
export type { SafetensorsEntry, SafetensorsHeader } from "./safetensors-header.ts";
export type { LazyTensor, SavedTensor, SavedTensors } from "./save-tensor.ts";
