import { MismatchError, RankLostError } from "./errors.ts";
import { Pending, type PendingOptions } from "./pending.ts";
import type { Envelope, Transfer } from "./transport.ts";

/** A message that has arrived. */
export interface Arrival {
  readonly label: string;
  readonly data: Uint8Array;
  /** Called once the bytes were copied and their memory can be used for another message. */
  release(): void;
}

/** What a transport does for its inbox. */
export interface InboxOptions extends PendingOptions {
  /** Told when the first receive begins to wait, and when the last one has ended. */
  readonly onWaiting?: (isWaiting: boolean) => void;
}

/** What one sender has sent on one channel, or is waited for to send; one of the two queues is empty. */
interface Queue {
  readonly arrivals: Arrival[];
  readonly receives: Receive[];
}

/** Brings the messages that arrive at a rank together with its receives, in order for each sender and channel. */
export class Inbox {
  readonly #queues = new Map<string, Queue>();
  readonly #lost = new Map<number, Error>();
  readonly #waiting = new Set<Receive>();

  constructor(readonly options: InboxOptions) {}

  /** A message has come. */
  deliver(from: number, channel: number, arrival: Arrival): void {
    const { arrivals, receives } = this.#queue(from, channel);
    const receive = receives.shift();
    if (receive) this.#hand(receive, arrival);
    else arrivals.push(arrival);
  }

  /** Waits for a message. */
  receive(from: number, envelope: Envelope, into: Uint8Array): Transfer {
    const receive = new Receive(this.options, from, envelope, into, () => this.#end(receive));
    const { arrivals, receives } = this.#queue(from, envelope.channel);
    const arrival = arrivals.shift();
    const lost = this.#lost.get(from);
    if (arrival) this.#hand(receive, arrival);
    else if (lost) receive.settle(lost);
    else {
      receives.push(receive);
      this.#waiting.add(receive);
      if (this.#waiting.size === 1) this.options.onWaiting?.(true);
    }
    return receive;
  }

  /** A rank will send nothing more: whoever waits for it fails, now and later. */
  lose(from: number, reason: string): void {
    const error = new RankLostError(from, reason);
    this.#lost.set(from, error);
    for (const receive of [...this.#waiting]) if (receive.from === from) receive.settle(error);
  }

  #hand(receive: Receive, { label, data, release }: Arrival): void {
    const { from, into, envelope } = receive;
    if (label !== envelope.label || data.length !== into.length) {
      const [wanted, given] = [`${envelope.label} (${into.length} bytes)`, `${label} (${data.length} bytes)`];
      receive.settle(new MismatchError(this.options.rank, from, wanted, given));
      return;
    }
    into.set(data);
    release();
    receive.settle();
  }

  #end(receive: Receive): void {
    if (!this.#waiting.delete(receive)) return;
    const { receives } = this.#queue(receive.from, receive.envelope.channel);
    const at = receives.indexOf(receive);
    if (at >= 0) receives.splice(at, 1);
    if (this.#waiting.size === 0) this.options.onWaiting?.(false);
  }

  #queue(from: number, channel: number): Queue {
    const key = `${from}/${channel}`;
    const known = this.#queues.get(key);
    if (known) return known;
    const queue = { arrivals: [], receives: [] };
    this.#queues.set(key, queue);
    return queue;
  }
}

/** A receive: waiting, filled, or failed. */
class Receive extends Pending {
  constructor(
    options: InboxOptions,
    from: number,
    readonly envelope: Envelope,
    readonly into: Uint8Array,
    onEnd: () => void,
  ) {
    super(options, from, envelope.label, onEnd);
  }
}
