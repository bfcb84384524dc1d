import type { Node } from "../../graph.ts";
import { bufferOf, bytesOf, isGiven } from "../../memory.ts";
import type { Halves } from "./halves.ts";

/** A place in the forward pass that a single value of weight crosses: the residual stream between two blocks. */
interface Boundary {
  readonly position: number;
  readonly value: Node;
  /** What else crosses: small things, such as keys of random streams. */
  readonly others: readonly Node[];
  /** Bytes needed later that were computed since the boundary before. */
  readonly before: number;
}

/** A crossing value is alone if all others together are smaller than it by this factor. */
const alone = 16;

/** All boundaries of the forward pass in order, and the bytes needed later that come after the last. */
function findBoundaries({ graph, turn, lastEarlyUse, needed }: Halves): { boundaries: Boundary[]; rest: number } {
  const stays = new Set([...needed].map(bufferOf));
  const boundaries: Boundary[] = [];
  const known = new Set<Node>();
  const alive = new Set<Node>();
  let bytes = 0;
  for (let at = 0; at < turn; at++) {
    const node = graph.nodes[at] as Node;
    if (bufferOf(node) === node && !isGiven(node)) {
      alive.add(node);
      if (stays.has(node)) bytes += bytesOf(node);
    }
    for (const value of [node, ...node.inputs].map(bufferOf))
      if ((lastEarlyUse.get(value) ?? -1) <= at) alive.delete(value);
    const [value, ...others] = [...alive].sort((a, b) => bytesOf(b) - bytesOf(a));
    if (!value || known.has(value)) continue;
    if (alone * others.reduce((sum, other) => sum + bytesOf(other), 0) > bytesOf(value)) continue;
    known.add(value);
    boundaries.push({ position: at, value, others, before: bytes });
    bytes = 0;
  }
  return { boundaries, rest: bytes };
}

/** Leaves out boundaries, from the last to the first, where what lies between stays within `most` bytes. */
function thin(boundaries: readonly Boundary[], rest: number, most: number): Boundary[] {
  const chosen: Boundary[] = [];
  let segment = rest;
  for (const boundary of boundaries.toReversed()) {
    if (segment + boundary.before > most && segment > 0) {
      chosen.unshift(boundary);
      segment = 0;
    }
    segment += boundary.before;
  }
  return chosen;
}

/** Bytes of the boundaries and of the largest segment between them, which is in memory while its gradient is computed. */
function costOf(chosen: readonly Boundary[], largest: number): number {
  return chosen.reduce((sum, { value }) => sum + bytesOf(value), largest);
}

/**
 * The early values to store so that each block of the forward pass is computed again from the value that enters it, but
 * for the last one, whose gradient comes first. Blocks are found where a single value crosses, and joined so that their
 * inputs and the largest of them take the least memory together (Chen et al. 2016, "Training deep nets with sublinear
 * memory cost"). `undefined` where the program has no such places.
 */
export function storeForBlocks(halves: Halves): ReadonlySet<Node> | undefined {
  const { boundaries, rest } = findBoundaries(halves);
  if (boundaries.length === 0) return undefined;
  const largest = Math.max(rest, ...boundaries.map(({ before }) => before));
  const choices = boundaries.map((_, i) => {
    const most = largest * (i + 1);
    const chosen = thin(boundaries, rest, most);
    return { chosen, cost: costOf(chosen, most) };
  });
  const { chosen } = choices.reduce((a, b) => (b.cost < a.cost ? b : a));
  const last = chosen.at(-1);
  if (!last) return undefined;
  const stored = new Set<Node>([...halves.results, ...chosen.flatMap(({ value, others }) => [value, ...others])]);
  for (const node of halves.graph.nodes.slice(last.position + 1, halves.turn + 1)) stored.add(bufferOf(node));
  return stored;
}
