import { collectiveOperations } from "../../collectives.ts";
import type { Node } from "../../graph.ts";
import { bufferOf, bytesOf, isGiven } from "../../memory.ts";
import { isReduction, type Operation } from "../../operations.ts";
import type { Halves } from "./halves.ts";
import { Network } from "./min-cut.ts";

/** Operations that cost more than a pass or two over memory, and barriers, which are there to be kept. */
const expensive: ReadonlySet<Operation> = new Set<Operation>([
  "matmul", "conv2d", "conv2dInputGradient", "scatterNd", "cumsum", "topKValues", "topKIndices", "barrier",
  ...collectiveOperations,
]); // biome-ignore format: a table

/**
 * Views of what they read, in engines that fuse: to keep one is to keep all of that, so it is the latter that is stored.
 * Where an engine copies instead, the copies of all parts are as large.
 */
const views: ReadonlySet<Operation> = new Set<Operation>(["reshape", "transpose", "slice", "broadcast"]);

/** Bytes of memory that are worth one byte of traffic, for the choice between equally small ways to store. */
const priceOfTraffic = 1 / 16;

/** What computing a value again costs, in bytes stored. */
function priceOf(node: Node): number {
  if (views.has(node.operation)) return 0;
  const operand = node.inputs[0];
  const traffic = isReduction(node.operation) && operand ? bytesOf(operand) : bytesOf(node);
  // Twenty rounds of Threefry an element.
  return priceOfTraffic * traffic * (node.operation === "randomBits" ? 16 : 1);
}

/** Longer chains of recomputation are cut by storing a value that is needed anyway. */
const longestChain = 24;

/**
 * The early values to store so that all that late nodes need follows from them by cheap operations, in the fewest bytes:
 * a minimum cut between what cannot be recomputed and what is needed, through the data flow of the forward pass, in
 * which a value may be cut at the price of its bytes. (Jain et al. 2020, "Checkmate", solve it with products as well;
 * PyTorch's min-cut partitioner is this one.)
 */
export function storeForCheapOperations(halves: Halves): ReadonlySet<Node> {
  const network = new Network();
  const [source, sink] = [network.node(), network.node()];
  // Each value is an arc from its computation to its readers: to cut it is to store it.
  const computed = new Map<Node, number>();
  const values: Node[] = [];
  const enter = (value: Node): number => {
    const known = computed.get(value);
    if (known !== undefined) return known;
    const [made, read] = [network.node(), network.node()];
    computed.set(value, made);
    values.push(value);
    const bytes = halves.results.has(bufferOf(value)) ? 0 : bytesOf(value);
    network.arc(made, read, views.has(value.operation) ? Number.POSITIVE_INFINITY : bytes);
    if (expensive.has(value.operation)) network.arc(source, made, Number.POSITIVE_INFINITY);
    else {
      network.arc(source, made, priceOf(value));
      for (const input of value.inputs) {
        if (!isGiven(bufferOf(input))) network.arc(enter(input) + 1, made, Number.POSITIVE_INFINITY);
      }
    }
    return made;
  };
  for (const value of halves.needed) network.arc(enter(value) + 1, sink, Number.POSITIVE_INFINITY);

  const side = network.sinkSide(source, sink);
  const isRecomputed = (value: Node) => side.has(computed.get(value) as number);
  const stored = new Set(values.filter((value) => side.has(enter(value) + 1) && !isRecomputed(value)).map(bufferOf));

  // Operands were entered after their readers.
  const chain = new Map<Node, number>();
  for (const value of values.sort((a, b) => a.id - b.id)) {
    const length = 1 + Math.max(0, ...value.inputs.map((input) => chain.get(input) ?? 0));
    if (!isRecomputed(value)) continue;
    if (length > longestChain && halves.needed.has(value)) stored.add(bufferOf(value));
    else chain.set(value, length);
  }
  return stored;
}
