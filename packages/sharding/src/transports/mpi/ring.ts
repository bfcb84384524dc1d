/** Bytes of a ring of so many entries. */
export const ringBytes = (entries: number): number => 64 + 4 * entries;

const taken = 0;
const pushed = 1;

/**
 * A queue of numbers in shared memory, from one thread that pushes to one that takes and may sleep meanwhile. What a thread
 * wrote before it pushed is seen by the thread that took.
 */
export class Ring {
  readonly #counters: Int32Array<SharedArrayBuffer>;
  readonly #entries: Int32Array<SharedArrayBuffer>;

  /** @param entries a power of two, as many as are ever in the ring */
  constructor(memory: SharedArrayBuffer, at: number, entries: number) {
    this.#counters = new Int32Array(memory, at, 16);
    this.#entries = new Int32Array(memory, at + 64, entries);
  }

  /** @throws Error when the ring is full, which its size is chosen to exclude. */
  push(value: number): void {
    const end = Atomics.load(this.#counters, pushed);
    // The counters wrap around; their difference does not.
    const count = (end - Atomics.load(this.#counters, taken)) | 0;
    if (count === this.#entries.length) throw new Error("internal: a ring is full");
    this.#entries[end & (this.#entries.length - 1)] = value;
    Atomics.store(this.#counters, pushed, end + 1);
    Atomics.notify(this.#counters, pushed);
  }

  /** The oldest number, or undefined. */
  take(): number | undefined {
    const start = Atomics.load(this.#counters, taken);
    if (start === Atomics.load(this.#counters, pushed)) return undefined;
    const value = this.#entries[start & (this.#entries.length - 1)];
    Atomics.store(this.#counters, taken, start + 1);
    return value;
  }

  /** Whether there is nothing to take. */
  get isEmpty(): boolean {
    return Atomics.load(this.#counters, taken) === Atomics.load(this.#counters, pushed);
  }

  /** Sleeps until there may be something to take; false if nothing came for so many milliseconds. */
  wait(milliseconds: number): boolean {
    const start = Atomics.load(this.#counters, taken);
    if (start !== Atomics.load(this.#counters, pushed)) return true;
    // Sleeps only while nothing was pushed since.
    return Atomics.wait(this.#counters, pushed, start, milliseconds) !== "timed-out";
  }
}
