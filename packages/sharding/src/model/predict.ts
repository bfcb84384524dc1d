import { graph } from "@vitscale/core";
import type { Collective } from "../collectives/algorithms.ts";
import { hopsOf, trafficOf } from "../collectives/traffic.ts";
import type { CutProgram, Segment, Transfer } from "../program/cut.ts";
import { dependenciesOf, Frontier, type Task } from "../program/frontier.ts";
import { describeTask, type TaskEvent } from "../program/timeline.ts";

/** What joins two neighbours on a mesh axis, each way. */
export interface Link {
  readonly bytesPerSecond: number;
  /** Seconds from sending the first byte to receiving it. */
  readonly latency: number;
}

/** What computes. */
export interface Device {
  /** FLOP/s of matrix products. */
  readonly productFlops: number;
  /** Bytes that all else reads and writes a second. */
  readonly bytesPerSecond: number;
  /** Seconds to start a segment. */
  readonly overhead?: number;
}

/** What a prediction assumes. */
export interface Machine {
  readonly device: Device;
  /** The link along each mesh axis. */
  readonly links: { readonly [meshAxis: string]: Link };
}

/** How a step is predicted to go on one rank. All ranks do the same at the same time. */
export interface Prediction {
  /** Seconds of a step. */
  readonly seconds: number;
  /** Seconds in which segments compute. */
  readonly computing: number;
  /** Seconds that the transfers would take one after the other, with nothing beside them. */
  readonly transferring: number;
  /** For a `Timeline`; milliseconds from the beginning. */
  readonly events: readonly TaskEvent[];
}

/** Seconds that a segment computes: products at one rate, what else moves bytes at another. */
export function secondsOf({ graph: program }: Segment, { productFlops, bytesPerSecond, overhead = 0 }: Device): number {
  const { products, bytes } = graph.countFlops(program);
  const ofProducts = program.nodes.filter((node) => graph.productFlops(node) > 0);
  const moved = ofProducts.reduce((sum, node) => sum + graph.bytesOf(node) + bytesRead(node), 0);
  return overhead + products / productFlops + Math.max(0, bytes - moved) / bytesPerSecond;
}

const bytesRead = (node: graph.Node) => node.inputs.reduce((sum, input) => sum + graph.bytesOf(input), 0);

/**
 * Plays the schedule of a program (`runSchedule`) in simulated time: one segment at a time, the most urgent first; transfers as
 * soon as their operands exist, in turn on each link and direction, whose latency passes beside the next message.
 *
 * @throws RangeError when a link along a mesh axis is not given.
 */
export function predict(program: CutProgram, { device, links }: Machine): Prediction {
  const frontier = new Frontier(dependenciesOf(program));
  /** Until when each link is taken. */
  const taken = new Map<string, number>();
  const ends: { readonly task: Task; readonly at: number }[] = [];
  const events: TaskEvent[] = [];
  let [now, computing, transferring, isComputing] = [0, 0, 0, false];

  const schedule = (task: Task, start: number, at: number) => {
    ends.push({ task, at });
    events.push({ kind: task.kind, name: describeTask(task), rank: 0, start: 1e3 * start, end: 1e3 * at });
  };
  const send = (transfer: Transfer) => {
    const collective = transfer.node as Collective;
    const { over, ranks } = collective.attributes;
    const link = links[over] ?? (ranks.length === 1 ? { bytesPerSecond: Infinity, latency: 0 } : undefined);
    if (!link) throw new RangeError(`no link is given along mesh axis "${over}"`);
    const [operand] = transfer.inputs;
    const occupied = trafficOf(collective, operand).bytes / link.bytesPerSecond;
    const duration = occupied + hopsOf(collective, operand) * link.latency;
    const lane = `${over} ${directionOf(collective)}`;
    const start = Math.max(now, taken.get(lane) ?? 0);
    taken.set(lane, start + occupied);
    transferring += duration;
    schedule(transfer, start, start + duration);
  };
  for (const transfer of frontier.begin()) send(transfer);
  for (;;) {
    const segment = isComputing ? undefined : frontier.nextSegment();
    if (segment) {
      const seconds = secondsOf(segment, device);
      computing += seconds;
      isComputing = true;
      schedule(segment, now, now + seconds);
    }
    ends.sort((a, b) => a.at - b.at);
    const next = ends.shift();
    if (!next) break;
    now = next.at;
    if (next.task.kind === "segment") isComputing = false;
    for (const transfer of frontier.finish(next.task)) send(transfer);
  }
  return { seconds: now, computing, transferring, events };
}

/** Links carry both directions at once; a step backwards round the ring uses the other one. */
function directionOf({ operation, attributes }: Collective): "forward" | "backward" {
  if (operation !== "collectivePermute") return "forward";
  const count = attributes.ranks.length;
  const [source, target] = attributes.pairs[0] ?? [0, 1];
  return count > 2 && (source - target + count) % count === 1 ? "backward" : "forward";
}
