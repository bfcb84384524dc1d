import { MismatchError, RankLostError } from "./errors.ts";
import { Pending, type PendingOptions } from "./pending.ts";
import type { Envelope, Transfer } from "./transport.ts";

/** Messages that a `LateError` quotes. */
const quoted = 3;

/** A message that has arrived. */
export interface Arrival {
  readonly from: number;
  readonly envelope: Envelope;
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
  /** Messages that nobody has asked for yet, in the order in which they came. */
  readonly #unread = new Set<Arrival>();
  readonly #pendingOptions: PendingOptions;

  constructor(readonly options: InboxOptions) {
    this.#pendingOptions = { ...options, instead: (from) => this.#instead(from) };
  }

  /** A message has come. */
  deliver(arrival: Arrival): void {
    const { arrivals, receives } = this.#queue(arrival.from, arrival.envelope.channel);
    const receive = receives.shift();
    if (receive) {
      this.#hand(receive, arrival);
      return;
    }
    arrivals.push(arrival);
    this.#unread.add(arrival);
    for (const waiting of [...this.#waiting]) {
      if (isOtherwise(waiting, arrival)) waiting.settle(this.#mismatch(waiting, arrival));
    }
  }

  /** Waits for a message. */
  receive(from: number, envelope: Envelope, into: Uint8Array): Transfer {
    const receive = new Receive(this.#pendingOptions, from, envelope, into, () => this.#end(receive));
    const { arrivals, receives } = this.#queue(from, envelope.channel);
    const arrival = arrivals.shift();
    const otherwise = arrival ? undefined : this.#otherwise(receive);
    const lost = this.#lost.get(from);
    if (arrival) this.#hand(receive, arrival);
    else if (otherwise) receive.settle(this.#mismatch(receive, otherwise));
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

  #hand(receive: Receive, arrival: Arrival): void {
    this.#unread.delete(arrival);
    const { into, envelope } = receive;
    if (arrival.envelope.label !== envelope.label || arrival.data.length !== into.length) {
      receive.settle(this.#mismatch(receive, arrival));
      return;
    }
    into.set(arrival.data);
    arrival.release();
    receive.settle();
  }

  #mismatch({ envelope, into }: Receive, arrival: Arrival): MismatchError {
    const wanted = describe(envelope, into);
    return new MismatchError(this.options.rank, arrival.from, wanted, describe(arrival.envelope, arrival.data));
  }

  /** A message that says that a receive will wait in vain. */
  #otherwise(receive: Receive): Arrival | undefined {
    if (!receive.envelope.turn) return undefined;
    for (const arrival of this.#unread) if (isOtherwise(receive, arrival)) return arrival;
    return undefined;
  }

  /** What has come while a rank is waited for, first from that rank. */
  #instead(awaited: number): string[] {
    const unread = [...this.#unread].sort((a, b) => Number(b.from === awaited) - Number(a.from === awaited));
    const texts = unread.map(({ from, envelope, data }) => `"${describe(envelope, data)}" from rank ${from}`);
    return texts.length > quoted ? [...texts.slice(0, quoted), `${texts.length - quoted} more`] : texts;
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

const describe = ({ label }: Envelope, { length }: Uint8Array) => `${label} (${length} bytes)`;

/** Whether a rank has sent a message for another thing than the one that this rank does in the same turn. */
function isOtherwise(receive: Receive, arrival: Arrival): boolean {
  const [own, other] = [receive.envelope.turn, arrival.envelope.turn];
  if (!own || !other || own.sequence !== other.sequence || own.number !== other.number) return false;
  // Programs of groups that do not meet may be run more often in one than in another, so that only those who meet count alike.
  return own.what !== other.what && (own.sequence === "eager" || receive.from === arrival.from);
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
