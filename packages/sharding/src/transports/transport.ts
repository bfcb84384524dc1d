/**
 * What carries bytes between ranks. Everything else in this package (rings, collectives, programs) is made of these two
 * calls, so a transport is whatever can send and receive without blocking: worker threads (`threads/`), MPI, ranks that
 * are simulated in one thread (`simulated.ts`), and wrappers of another transport (`counted.ts`, `linked.ts`).
 */
export interface Transport {
  /** For messages: "threads", "mpi", … */
  readonly name: string;
  /** This rank, 0 … size − 1. */
  readonly rank: number;
  /** Ranks of the world. */
  readonly size: number;
  /**
   * Begins to send. The bytes may not be written to until the transfer is done, and stay where they are until then: a
   * transport may keep their address, and holds on to the array.
   */
  send(to: number, envelope: Envelope, data: Uint8Array): Transfer;
  /** Begins to receive what `from` sends on the same channel; `into` has exactly the size of the message. */
  receive(from: number, envelope: Envelope, into: Uint8Array): Transfer;
  /** Leaves the world. Transfers that are under way fail. */
  close(): Promise<void>;
}

/** A message as both of its ends describe it. */
export interface Envelope {
  /**
   * 0 … {@link lastChannel}. On one channel, messages from one rank to another arrive in the order in which they were
   * sent, and meet receives in the order in which those were begun; channels do not wait for each other.
   */
  readonly channel: number;
  /**
   * What the message is, for people: `step #12, all-gather float32[4,8] over model, hop 1`. If the ends disagree, both a
   * mistake and its place are known, and the transfer fails with a `MismatchError` that quotes both labels.
   */
  readonly label: string;
  /** What the sender does, if all ranks do such things in the same order. */
  readonly turn?: Turn;
}

/**
 * One of the things that ranks do one after the other. Ranks whose n-th things of a sequence differ will not meet, on whatever
 * channel each waits: a receiver that sees a message for the other thing fails at once, with a `MismatchError`.
 */
export interface Turn {
  /** Eager collectives block and are counted by themselves: one may be called while a program runs. */
  readonly sequence: "eager" | "compiled";
  readonly number: number;
  /** The same words on all ranks, such as `step run 12`. */
  readonly what: string;
}

/** The smallest upper bound of a tag that the MPI standard allows an implementation to have. */
export const lastChannel = 32_767;

/** A message on its way. */
export interface Transfer {
  /**
   * Resolves when the bytes that were sent may be written to again, or those received are there.
   *
   * @throws MismatchError, RankLostError or LateError (`errors.ts`), each of which names the rank and the label.
   */
  wait(): Promise<void>;
  /** The same for code that cannot wait: blocks the thread, while the transport makes progress all the same. */
  waitSync(): void;
}
