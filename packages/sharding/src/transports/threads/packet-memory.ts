import { headerBytes } from "./world.ts";

const free = 0;
const inUse = 1;

const stateOf = (memory: SharedArrayBuffer) => new Int32Array(memory, 0, 1);

/**
 * Shared memory for outgoing messages. The receiver marks it free when it has copied the bytes, and the next message of
 * that size takes it again, so a loop over the same messages allocates nothing.
 */
export class PacketMemory {
  readonly #pool = new Map<number, SharedArrayBuffer[]>();

  /** Memory for so many bytes, in use from now on. */
  take(bytes: number): SharedArrayBuffer {
    const pool = this.#pool.get(bytes) ?? [];
    this.#pool.set(bytes, pool);
    let memory = pool.find((candidate) => Atomics.load(stateOf(candidate), 0) === free);
    if (!memory) {
      memory = new SharedArrayBuffer(headerBytes + bytes);
      pool.push(memory);
    }
    Atomics.store(stateOf(memory), 0, inUse);
    return memory;
  }

  /** Says, in the receiving thread, that the bytes were copied. */
  static release(memory: SharedArrayBuffer): void {
    Atomics.store(stateOf(memory), 0, free);
  }
}
