import { MpiError } from "./errors.ts";
import type { Handle, MpiLibrary } from "./library.ts";
import type { Departure, Messages } from "./messages.ts";
import { isRunning } from "./processes.ts";
import type { Ending, Requests } from "./requests.ts";

/** Where a rank runs. */
export interface Place {
  /** Names the set of processes in which `pid` is unique: a host, or a container on it. */
  readonly host: string;
  readonly pid: number;
}

/** What ranks tell each other beside messages. */
type Notice =
  | { readonly kind: "beat" }
  | { readonly kind: "left" | "failed"; readonly reason: string; readonly sent: number }
  | { readonly kind: "lost"; readonly rank: number; readonly reason: string };

/** What {@link Peers} works with. */
export interface PeersOptions {
  readonly library: Pick<MpiLibrary, "abi">;
  readonly requests: Pick<Requests, "begin" | "cancel">;
  readonly messages: Pick<Messages, "sent" | "arrived" | "lose">;
  /** For notices alone. */
  readonly communicator: Handle;
  readonly rank: number;
  /** Of all ranks. */
  readonly places: readonly Place[];
}

const noticeBytes = 2048;
const beatMs = 500;
/** A rank on another host that is silent for so long counts as dead. */
const silenceMs = 4_000;
/** How often a process on the same host is looked at. */
const lookMs = 100;
/** Messages that a rank sent before it left may arrive after the notice; this long, they are waited for. */
const drainMs = 500;

/**
 * Knows which ranks are there. A rank that leaves or fails says so. One that dies cannot, so each rank watches the one before
 * it (its process on the same host, its heartbeat on another) and tells all others.
 */
export class Peers {
  readonly #gone = new Map<number, Departure>();
  /** Ranks that said good-bye, and how many of their messages are still to come until when. */
  readonly #leaving = new Map<number, { readonly reason: string; readonly sent: number; readonly until: number }>();
  readonly #inbox = Buffer.alloc(noticeBytes);
  #heard = performance.now();
  #looked = 0;
  #beaten = 0;
  #watched: number | undefined;
  #isClosed = false;

  constructor(readonly options: PeersOptions) {
    this.#listen();
  }

  /** Ranks that are there, other than this. */
  get present(): number[] {
    const { places, rank } = this.options;
    return [...places.keys()].filter((other) => other !== rank && !this.#gone.has(other));
  }

  /** Whether this is the first rank whose process is there. */
  get isFirst(): boolean {
    const { places, rank } = this.options;
    return [...places.keys()].find((other) => this.#gone.get(other) !== "lost") === rank;
  }

  /** Whether a rank failed or died, so that the world cannot end as it should. */
  get isBroken(): boolean {
    return [...this.#gone.values()].some((how) => how !== "left");
  }

  /** Sends heartbeats and looks for dead ranks, when it is time. */
  tend(now = performance.now()): void {
    for (const [rank, { reason, sent, until }] of this.#leaving) {
      if ((this.options.messages.arrived.get(rank) ?? 0) < sent && now < until) continue;
      this.#leaving.delete(rank);
      this.options.messages.lose(rank, this.#gone.get(rank) ?? "left", reason);
    }
    if (now - this.#beaten >= beatMs) {
      this.#beaten = now;
      const next = this.#neighbour(1);
      if (next !== undefined) this.#tell(next, { kind: "beat" });
    }
    if (now - this.#looked >= lookMs) {
      this.#looked = now;
      this.#watch(now);
    }
  }

  /** Tells all others that this rank will send nothing more; also those that have said so, who wait for it. */
  announce(kind: "left" | "failed", reason: string): void {
    const { messages, places, rank } = this.options;
    for (const other of places.keys()) {
      if (other === rank || this.#gone.get(other) === "lost") continue;
      this.#tell(other, { kind, reason, sent: messages.sent.get(other) ?? 0 });
    }
  }

  /** Listens no longer. */
  close(): void {
    this.#isClosed = true;
    this.options.requests.cancel(this.#onNotice);
  }

  #watch(now: number): void {
    const before = this.#neighbour(-1);
    if (before !== this.#watched) {
      this.#watched = before;
      this.#heard = now;
    }
    if (before === undefined) return;
    const { places, rank } = this.options;
    const { host, pid } = places[before] as Place;
    if (host === (places[rank] as Place).host) {
      if (!isRunning(pid)) this.#lose(before, `its process ${pid} has ended`);
    } else if (now - this.#heard > silenceMs) {
      this.#lose(before, `nothing was heard of it on ${host.split("/")[0]} for ${silenceMs / 1000} s`);
    }
  }

  #lose(lost: number, reason: string): void {
    if (this.#gone.has(lost)) return;
    this.#gone.set(lost, "lost");
    this.options.messages.lose(lost, "lost", reason);
    for (const other of this.present) this.#tell(other, { kind: "lost", rank: lost, reason });
  }

  /** The next rank that is there, in one direction round the ring. */
  #neighbour(step: 1 | -1): number | undefined {
    const { rank, places } = this.options;
    const size = places.length;
    for (let hops = 1; hops < size; hops++) {
      const other = (rank + step * hops + size) % size;
      if (!this.#gone.has(other)) return other;
    }
    return undefined;
  }

  #tell(to: number, notice: Notice): void {
    const { requests, communicator, rank } = this.options;
    const text = Buffer.from(JSON.stringify({ from: rank, ...shortened(notice) }));
    const memory = Buffer.alloc(noticeBytes);
    text.copy(memory);
    // The closure keeps the memory until it was sent.
    requests.begin("MPI_Isend", [memory, noticeBytes, to, 0, communicator], () => void memory);
  }

  #listen(): void {
    const { requests, library, communicator } = this.options;
    const parameters = [this.#inbox, noticeBytes, library.abi.anySource, 0, communicator] as const;
    requests.begin("MPI_Irecv", parameters, this.#onNotice);
  }

  readonly #onNotice = ({ error }: Ending): void => {
    if (this.#isClosed) return;
    if (error !== undefined) throw new MpiError("receiving a notice", error);
    const text = this.#inbox.toString("utf8", 0, this.#inbox.indexOf(0));
    this.#listen();
    const { from, ...notice } = JSON.parse(text) as Notice & { from: number };
    this.#hear(from, notice as Notice);
  };

  #hear(from: number, notice: Notice): void {
    const { messages, rank } = this.options;
    if (from === this.#watched) this.#heard = performance.now();
    switch (notice.kind) {
      case "beat":
        return;
      case "left":
      case "failed":
        if (this.#gone.has(from)) return;
        this.#gone.set(from, notice.kind);
        this.#leaving.set(from, { ...notice, until: performance.now() + drainMs });
        return;
      case "lost":
        if (notice.rank === rank || this.#gone.has(notice.rank)) return;
        this.#gone.set(notice.rank, "lost");
        messages.lose(notice.rank, "lost", notice.reason);
        return;
      default:
        notice satisfies never;
    }
  }
}

/** A notice has a fixed size; a reason need not be complete. */
function shortened<N extends Notice>(notice: N): N {
  return "reason" in notice ? { ...notice, reason: notice.reason.slice(0, 200) } : notice;
}
