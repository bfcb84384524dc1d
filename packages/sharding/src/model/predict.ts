import { bytesPerElement, graph, sizeOf } from "@vitscale/core";
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
  /** Whether what goes forwards and what goes backwards share the rate, as on a rank's one way into a network; false by default. */
  readonly isShared?: boolean;
  /** Seconds of computing that each byte takes from the device beside it; 0 by default, as where a network card moves the bytes. */
  readonly computingPerByte?: number;
}

/** What computes. */
export interface Device {
  /** FLOP/s of matrix products. */
  readonly productFlops: number;
  /** Bytes that all else reads and writes a second. */
  readonly bytesPerSecond: number;
  /** Seconds to start a segment. */
  readonly overhead?: number;
  /** Bytes a second that a gather puts together, beyond moving them; infinite by default. */
  readonly gatheredBytesPerSecond?: number;
  /** Bytes a second of the operands that a reduction takes apart and adds up; infinite by default. */
  readonly reducedBytesPerSecond?: number;
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

/** Seconds that a collective takes beyond its messages. */
function secondsToHandle(
  { operation, attributes }: Collective,
  { dtype, shape }: graph.TensorType,
  { gatheredBytesPerSecond = Infinity, reducedBytesPerSecond = Infinity }: Device,
): number {
  const bytes = sizeOf(shape) * bytesPerElement(dtype);
  if (operation === "allGather") return (attributes.ranks.length * bytes) / gatheredBytesPerSecond;
  return operation === "reduceScatter" || operation === "allReduce" ? bytes / reducedBytesPerSecond : 0;
}

const bytesRead = (node: graph.Node) => node.inputs.reduce((sum, input) => sum + graph.bytesOf(input), 0);

/**
 * Plays the schedule of a program (`runSchedule`) in simulated time: one segment at a time, the most urgent first; transfers as
 * soon as their operands exist, in turn on each link and direction, whose latency passes beside the next message. What bytes take
 * from the device, they take evenly while they travel.
 *
 * @throws RangeError when a link along a mesh axis is not given.
 */
export function predict(program: CutProgram, { device, links }: Machine): Prediction {
  const frontier = new Frontier(dependenciesOf(program));
  /** Until when each link is taken. */
  const taken = new Map<string, number>();
  const underWay: Span[] = [];
  const ended: Span[] = [];
  const burdens: Burden[] = [];
  let segmentUnderWay: Span | undefined;
  let [now, transferring] = [0, 0];

  const send = (transfer: Transfer) => {
    const collective = transfer.node as Collective;
    const { over, ranks } = collective.attributes;
    const link = links[over] ?? (ranks.length === 1 ? { bytesPerSecond: Infinity, latency: 0 } : undefined);
    if (!link) throw new RangeError(`no link is given along mesh axis "${over}"`);
    const [operand] = transfer.inputs;
    const { bytes } = trafficOf(collective, operand);
    const occupied = bytes / link.bytesPerSecond;
    const travelling = occupied + hopsOf(collective, operand) * link.latency;
    const lane = link.isShared ? over : `${over} ${directionOf(collective)}`;
    const start = Math.max(now, taken.get(lane) ?? 0);
    taken.set(lane, start + occupied);
    const duration = travelling + secondsToHandle(collective, operand, device);
    transferring += duration;
    underWay.push({ task: transfer, start, end: start + duration });
    const burden = { start, end: start + travelling, seconds: bytes * (link.computingPerByte ?? 0) };
    burdens.push(burden);
    if (segmentUnderWay) segmentUnderWay.end += secondsTaken(burden, segmentUnderWay);
  };
  const compute = (segment: Segment) => {
    const span = { task: segment, start: now, end: now + secondsOf(segment, device) };
    span.end += burdens.reduce((sum, burden) => sum + secondsTaken(burden, span), 0);
    segmentUnderWay = span;
    underWay.push(span);
  };
  for (const transfer of frontier.begin()) send(transfer);
  for (;;) {
    const segment = segmentUnderWay ? undefined : frontier.nextSegment();
    if (segment) compute(segment);
    underWay.sort((a, b) => a.end - b.end);
    const next = underWay.shift();
    if (!next) break;
    ended.push(next);
    now = next.end;
    if (next === segmentUnderWay) segmentUnderWay = undefined;
    for (const transfer of frontier.finish(next.task)) send(transfer);
  }
  const computing = ended.reduce((sum, { task, start, end }) => sum + (task.kind === "segment" ? end - start : 0), 0);
  return { seconds: now, computing, transferring, events: ended.map(eventOf) };
}

/** A task from its beginning to its end, in seconds. */
interface Span {
  readonly task: Task;
  readonly start: number;
  end: number;
}

/** What bytes take from the device while they travel. */
interface Burden {
  readonly start: number;
  readonly end: number;
  /** Of computing, in all. */
  readonly seconds: number;
}

/** Seconds that a burden takes from a segment. */
function secondsTaken(burden: Burden, segment: Span): number {
  const together = Math.min(burden.end, segment.end) - Math.max(burden.start, segment.start);
  return together > 0 ? (burden.seconds * together) / (burden.end - burden.start) : 0;
}

const eventOf = ({ task, start, end }: Span): TaskEvent => ({
  kind: task.kind,
  name: describeTask(task),
  rank: 0,
  start: 1e3 * start,
  end: 1e3 * end,
});

/** Links carry both directions at once; a step backwards round the ring uses the other one. */
function directionOf({ operation, attributes }: Collective): "forward" | "backward" {
  if (operation !== "collectivePermute") return "forward";
  const count = attributes.ranks.length;
  const [source, target] = attributes.pairs[0] ?? [0, 1];
  return count > 2 && (source - target + count) % count === 1 ? "backward" : "forward";
}
