import { koffi } from "../load-koffi.ts";
import { loadNativeLibrary } from "../load-library.ts";

/** Memory outside of JavaScript's heap: at a fixed address, until it is released. */
export interface NativeMemory {
  readonly address: bigint;
  /** The bytes; not to be touched after `release`. */
  readonly bytes: Uint8Array;
  release(): void;
}

// From <sys/mman.h> on Linux.
const protection = { read: 1, write: 2, execute: 4 };
const privateAnonymous = 0x22;
/** Pages are set aside when they are first touched, not before. */
const withoutReserve = 0x4000;

interface MemoryCalls {
  map(hint: null, size: number, protect: number, flags: number, file: number, offset: number): bigint;
  protect(address: bigint, size: number, protect: number): number;
  unmap(address: bigint, size: number): number;
}

let calls: MemoryCalls | undefined;

function memoryCalls(): MemoryCalls {
  if (calls === undefined) {
    const process = loadNativeLibrary(null);
    calls = {
      map: process.func("void* mmap(void*, size_t, int, int, int, int64_t)"),
      protect: process.func("int mprotect(void*, size_t, int)"),
      unmap: process.func("int munmap(void*, size_t)"),
    };
  }
  return calls;
}

/**
 * Zeroed memory to read and write, of which JavaScript sees the first bytes. Its size is rounded up to whole pages.
 *
 * @throws Error when the system has none to give.
 */
export function allocateMemory(size: number, visible = size): NativeMemory {
  const { map, unmap } = memoryCalls();
  const pages = Math.max(4096, Math.ceil(size / 4096) * 4096);
  const address = map(null, pages, protection.read | protection.write, privateAnonymous | withoutReserve, -1, 0);
  if (address === null || address === 0xffffffffffffffffn) {
    throw new Error(
      `the system refused to map ${pages} bytes of memory; free some, or run without compiled operations`,
    );
  }
  return {
    address,
    bytes: new Uint8Array(koffi().view(address, visible)),
    release: () => void unmap(address, pages),
  };
}

/**
 * Memory with machine code in it, readable and executable but no longer writable.
 *
 * @throws Error when the system forbids executable memory, as hardened ones do.
 */
export function executableMemory(code: Uint8Array): NativeMemory {
  const memory = allocateMemory(code.length);
  memory.bytes.set(code);
  const pages = Math.ceil(code.length / 4096) * 4096;
  if (memoryCalls().protect(memory.address, pages, protection.read | protection.execute) !== 0) {
    memory.release();
    throw new Error(
      "the system does not allow new executable memory (mprotect failed), so nothing can be compiled here",
    );
  }
  return memory;
}
