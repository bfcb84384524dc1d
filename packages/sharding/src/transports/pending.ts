import { LateError } from "./errors.ts";
import type { Transfer } from "./transport.ts";

/** What transfers that wait need of their transport. */
export interface PendingOptions {
  /** The rank that waits. */
  readonly rank: number;
  /** How long a transfer waits before it fails with a `LateError`. */
  readonly patienceMs: number;
  /**
   * Blocks the thread until more may have arrived, and delivers it; returns at once if it already has. Returns false if
   * nothing came for so many milliseconds.
   */
  readonly block: (milliseconds: number) => boolean;
  /** What has come while a rank is waited for, and nobody has asked for; for a transport that sees it. */
  readonly instead?: (from: number) => readonly string[];
}

/** A transfer that is over when its transport says so: waiting, done, or failed. */
export class Pending implements Transfer {
  #outcome: { readonly error?: Error } | undefined;
  readonly #listeners: (() => void)[] = [];

  /**
   * @param from the rank that is waited for
   * @param onEnd called when the transfer is done, has failed, or was given up
   */
  constructor(
    readonly options: PendingOptions,
    readonly from: number,
    readonly label: string,
    readonly onEnd: () => void,
  ) {}

  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  /** Says that the transfer is done, or why it is not. */
  settle(error?: Error): void {
    this.#outcome = error ? { error } : {};
    this.onEnd();
    for (const listener of this.#listeners) listener();
  }

  async wait(): Promise<void> {
    if (!this.#outcome) {
      const { patienceMs } = this.options;
      const timer = setTimeout(() => this.settle(this.#late()), patienceMs);
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
      clearTimeout(timer);
    }
    this.#yield();
  }

  waitSync(): void {
    const deadline = performance.now() + this.options.patienceMs;
    while (!this.#outcome) {
      const left = deadline - performance.now();
      if (left <= 0 || !this.options.block(left)) this.settle(this.#late());
    }
    this.#yield();
  }

  #late(): LateError {
    const { rank, patienceMs, instead } = this.options;
    return new LateError(rank, this.from, this.label, patienceMs, instead?.(this.from));
  }

  #yield(): void {
    if (this.#outcome?.error) throw this.#outcome.error;
  }
}
