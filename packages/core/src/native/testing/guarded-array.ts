import { bytesPerElement, type DataOf, type DType } from "../../host-tensor.ts";
import { loadNativeLibrary } from "../../load-library.ts";
import { allocateMemory } from "../executable-memory.ts";

/** An array whose neighbourhood is watched: behind its last byte lies a page that may not be touched at all. */
export interface GuardedArray {
  readonly data: DataOf<DType>;
  /** Whether the bytes before the first element are as they were. */
  isIntact(): boolean;
  release(): void;
}

const page = 4096;
const canary = 0xa5;

let protect: ((address: bigint, size: number, access: number) => number) | undefined;

/** Takes away all access to whole pages of memory: touching them ends the process. */
function forbidMemory(address: bigint, size: number): void {
  protect ??= loadNativeLibrary(null).func("int mprotect(void*, size_t, int)");
  if (protect(address, size, 0) !== 0) throw new Error("mprotect failed");
}

/** A zeroed array of so many elements that ends where a forbidden page begins. */
export function guardedArray(dtype: DType, length: number): GuardedArray {
  const bytes = length * bytesPerElement(dtype);
  const pages = Math.ceil((bytes + 64) / page) * page;
  const memory = allocateMemory(pages + page);
  forbidMemory(memory.address + BigInt(pages), page);
  const start = pages - bytes;
  const before = memory.bytes.subarray(0, start).fill(canary);
  const { buffer } = memory.bytes;
  const data =
    dtype === "float32"
      ? new Float32Array(buffer, start, length)
      : dtype === "int32"
        ? new Int32Array(buffer, start, length)
        : dtype === "bfloat16"
          ? new Uint16Array(buffer, start, length)
          : new Uint8Array(buffer, start, length);
  return {
    data,
    isIntact: () => before.every((byte) => byte === canary),
    release: () => memory.release(),
  };
}
