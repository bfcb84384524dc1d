import { koffi } from "@vitscale/core/native-libraries";
import type { MpiFunction } from "./abi.ts";
import { type Handle, type MpiLibrary, readHandle } from "./library.ts";

/** How a request ended. */
export interface Ending {
  /** The text of its error, if it failed. */
  readonly error: string | undefined;
  /** Whether it was given up in time; one that was to be given up may have met its message all the same. */
  readonly isCancelled: boolean;
}

/** Told once when a request is over. */
export type OnDone = (ending: Ending) => void;

/**
 * The requests that are under way, in one array that MPI tests at a time. A request that is over takes the last one's
 * place, so the array stays as small as what is under way.
 */
export class Requests {
  #capacity = 64;
  #memory: Buffer;
  #address: bigint;
  #indices: Int32Array;
  #statuses: Buffer;
  readonly #done: OnDone[] = [];
  /** Those that MPI was asked to give up. */
  readonly #cancelling = new Set<OnDone>();
  readonly #count = new Int32Array(1);

  constructor(readonly library: MpiLibrary) {
    [this.#memory, this.#indices, this.#statuses] = this.#allocate();
    this.#address = koffi().address(this.#memory);
  }

  /** Requests under way. */
  get size(): number {
    return this.#done.length;
  }

  /**
   * Makes a call that begins a request, and tells when that is over.
   *
   * @throws MpiError when it could not begin.
   */
  begin(
    name: Extract<MpiFunction, "MPI_Isend" | "MPI_Irecv">,
    parameters: readonly [data: unknown, bytes: number, peer: number, tag: number, communicator: Handle],
    onDone: OnDone,
  ): void {
    if (this.size === this.#capacity) this.#grow();
    const [data, bytes, peer, tag, communicator] = parameters;
    this.library.call(name, data, bytes, this.library.handles.byte, peer, tag, communicator, this.#at(this.size));
    this.#done.push(onDone);
  }

  /** Gives MPI the chance to move data, and tells of the requests that are over. Returns whether any was. */
  test(): boolean {
    if (this.size === 0) return false;
    const { abi } = this.library;
    const code = this.library.try("MPI_Testsome", this.size, this.#memory, this.#count, this.#indices, this.#statuses);
    const hasErrors = code !== 0 && this.library.classOf(code) === abi.errorInStatus;
    if (code !== 0 && !hasErrors) throw new Error(`MPI_Testsome: ${this.library.explain(code)}`);
    const count = this.#count[0] as number;
    if (count <= 0) return false;

    const over = [...this.#indices.subarray(0, count)].map((index, i) => {
      const onDone = this.#done[index] as OnDone;
      const status = this.#statuses.subarray(i * abi.status.bytes, (i + 1) * abi.status.bytes);
      const error = hasErrors ? status.readInt32LE(abi.status.error) : 0;
      const text = error === 0 ? undefined : this.library.explain(error);
      return { index, onDone, ending: { error: text, isCancelled: this.#isCancelled(onDone, status) } };
    });
    // From the end, so that the request that moves into a gap is not one of those that are over.
    for (const { index } of over.sort((a, b) => b.index - a.index)) this.#remove(index);
    for (const { onDone, ending } of over.reverse()) onDone(ending);
    return true;
  }

  /** Asks MPI to give up a receive; it is over at one of the next tests all the same. */
  cancel(onDone: OnDone): void {
    const index = this.#done.indexOf(onDone);
    if (index < 0) return;
    this.#cancelling.add(onDone);
    this.library.call("MPI_Cancel", this.#at(index));
  }

  #isCancelled(onDone: OnDone, status: Buffer): boolean {
    if (!this.#cancelling.delete(onDone)) return false;
    const isCancelled = new Int32Array(1);
    this.library.call("MPI_Test_cancelled", status, isCancelled);
    return isCancelled[0] !== 0;
  }

  #at(index: number): bigint {
    return this.#address + BigInt(index * this.library.abi.handleBytes);
  }

  #remove(index: number): void {
    const last = this.#done.pop() as OnDone;
    if (index === this.size) return;
    const { handleBytes } = this.library.abi;
    this.#done[index] = last;
    this.#memory.copy(this.#memory, index * handleBytes, this.size * handleBytes, (this.size + 1) * handleBytes);
  }

  #allocate(): [Buffer, Int32Array, Buffer] {
    const { handleBytes, status } = this.library.abi;
    return [
      Buffer.alloc(this.#capacity * handleBytes),
      new Int32Array(this.#capacity),
      Buffer.alloc(this.#capacity * status.bytes),
    ];
  }

  #grow(): void {
    const before = this.#memory;
    this.#capacity *= 2;
    [this.#memory, this.#indices, this.#statuses] = this.#allocate();
    before.copy(this.#memory);
    this.#address = koffi().address(this.#memory);
  }
}

/** A copy of a communicator: a world of messages of its own. */
export function duplicate(library: MpiLibrary, communicator: Handle): Handle {
  const out = Buffer.alloc(8);
  library.call("MPI_Comm_dup", communicator, out);
  return readHandle(library.abi, out);
}
