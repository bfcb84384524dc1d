import { type Command, startLineProcess } from "./line-process.ts";
import type { Peer } from "./peers.ts";
import type { Ready, Sample, Task } from "./protocol.ts";

/** A peer in a process of its own, ready for its task. It sleeps while nobody asks it. */
export interface OpenPeer {
  readonly name: string;
  readonly about: string;
  readonly ready: Ready;
  /** Every sample that was taken. */
  readonly samples: readonly Sample[];
  /** Does the work once. @returns milliseconds; the sum, where a task has several parts */
  sample(): Promise<number>;
  /** Ends the work in order, so that the peer can write what it writes at the end. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Options of {@link openPeer}. */
export interface OpenPeerOptions {
  readonly signal: AbortSignal;
  readonly environment?: Command["environment"];
}

/**
 * Starts a peer and gives it a task.
 *
 * @throws MissingPeerError when it is not on this machine; Error when it cannot do the task.
 */
export async function openPeer(
  { name, about, locate }: Peer,
  task: Task,
  { signal, environment = {} }: OpenPeerOptions,
): Promise<OpenPeer> {
  const located = await locate();
  if ("missing" in located) throw new MissingPeerError(located.missing);
  const command = located.command(task.threads);
  const child = startLineProcess({ ...command, environment: { ...command.environment, ...environment } }, signal);
  try {
    const ready = await child.ask<Ready>({ task });
    const samples: Sample[] = [];
    return {
      ...{ name, about, ready, samples, close: child.close },
      async sample() {
        const sample = await child.ask<Sample>({});
        samples.push(sample);
        return totalOf(sample);
      },
      finish: () => child.ask({ finish: true }),
    };
  } catch (error) {
    await child.close();
    throw error;
  }
}

/** A peer that is not on this machine. The message says what to install. */
export class MissingPeerError extends Error {}

/** Milliseconds of all parts of a sample. */
export function totalOf({ milliseconds }: Sample): number {
  return milliseconds.reduce((total, value) => total + value, 0);
}
