import { countFlops, productFlops } from "../../flops.ts";
import type { Graph, Node } from "../../graph.ts";
import { bufferOf, estimateMemory } from "../../memory.ts";
import { computeResultsEarly } from "../early-results.ts";
import { storeForBlocks } from "./blocks.ts";
import { storeForCheapOperations } from "./cheap-values.ts";
import { cutAt } from "./halves.ts";
import { recomputeLate } from "./recompute.ts";

/**
 * What may be computed twice. `cheap`: elementwise operations, normalisations, softmax, movements; no product is. `block`:
 * whole blocks with their products, about a fifth more arithmetic in a training step, for the least memory.
 */
export type Rematerialization = "cheap" | "block";

/**
 * Positions where a forward pass may end: where a scalar result (the loss) is known, and where memory is fullest, if at
 * least half of the arithmetic is still to come. Later, what is in memory are gradients, and they took all of it.
 */
function turningPoints(graph: Graph): number[] {
  const scalars = graph.outputs.filter(({ shape, dtype }) => shape.length === 0 && dtype === "float32").map(bufferOf);
  const positions = scalars.map((loss) => graph.nodes.indexOf(loss));
  const half = countFlops(graph).products / 2;
  let [spent, latest] = [0, 0];
  for (; latest < graph.nodes.length && spent <= half; latest++) spent += productFlops(graph.nodes[latest] as Node);
  return [...new Set([...positions, estimateMemory(graph).peakAt])].filter((at) => at > 0 && at < latest);
}

/**
 * Trades arithmetic for memory in a training step: values of the forward pass that only the backward pass reads are
 * computed again when it comes to them, instead of kept. Operations and their operands are the same as before, so no number changes where
 * each runs by itself; what an engine fuses lies together otherwise, and may be rounded otherwise.
 *
 * Results are computed early too ({@link computeResultsEarly}). Nothing needs to be marked: the turning point is the loss, and what to keep follows from sizes and data flow. The graph
 * is returned as it is where that would not lower the estimated peak. Simplify first: a copy is never merged with its
 * original, nor is one made of what simplification would have removed.
 */
export function rematerialize(graph: Graph, strength: Rematerialization): Graph {
  // Gradients that wait for the end would hide what is gained before it.
  const ordered = computeResultsEarly(graph);
  let best = { graph, peak: estimateMemory(ordered).peak };
  for (const turn of turningPoints(ordered)) {
    const halves = cutAt(ordered, turn);
    const stored = strength === "cheap" ? storeForCheapOperations(halves) : storeForBlocks(halves);
    if (!stored) continue;
    const candidate = recomputeLate(halves, stored);
    const { peak } = estimateMemory(candidate);
    if (peak < best.peak) best = { graph: candidate, peak };
  }
  return best.graph;
}
