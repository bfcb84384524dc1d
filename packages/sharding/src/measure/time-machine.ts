import { sizeOf } from "@vitscale/core";
import { createCommunicator } from "../communicator.ts";
import { createMesh } from "../mesh.ts";
import type { MachineSamples, Sample } from "../model/calibrate.ts";
import { linked } from "../transports/linked.ts";
import type { Transport } from "../transports/transport.ts";
import type { OverlapCase } from "./overlap.ts";
import { timeInRounds } from "./rounds.ts";
import {
  type Timed,
  timedBeside,
  timedBothWays,
  timedGather,
  timedMessage,
  timedProducts,
  timedReduction,
  timedSum,
} from "./timed-parts.ts";

/**
 * Times what a prediction of a layer is made of, on all ranks at once: products of the sizes concerned (of half a block, a block, the
 * whole), sums of two results, messages of a block and of less, one way and both, the layer's collective, and a product beside a
 * message. All ranks call it; returns the same on every rank.
 */
export async function timeMachine(
  transport: Transport,
  { layout, ranks, rows, inputs, outputs, link }: OverlapCase,
  rounds: number,
): Promise<MachineSamples> {
  const communicator = createCommunicator(createMesh({ model: ranks }), link ? linked(transport, link) : transport);
  const group = communicator.group("model");
  const [n, m] = [inputs / ranks, outputs / ranks];
  const kernelOf = (blocks: number) => (layout === "gather" ? [n * blocks, m] : [n, m * blocks]) as [number, number];
  const block = [rows, layout === "gather" ? n : m];

  // As many as make the whole: the ranks then begin and end together no more often than in a layer.
  const products = [1 / 2, 1, ranks].map((blocks) => timedProducts(rows, kernelOf(blocks), ranks / blocks));
  const sums = [1 / 2, 1].map((part) => timedSum([rows, m * part]));
  const messages = [1 / 8, 1 / 2, 1].map((part) => timedMessage(part * sizeOf(block), group));
  const bothWays = ranks > 2 ? [timedBothWays(sizeOf(block) / 2, group)] : [];
  const collective = layout === "gather" ? timedGather(block, group) : timedReduction([rows, outputs], group);
  const disturbed = [1 / 2, 1].map((part) => timedBeside(rows, kernelOf(ranks), part * sizeOf(block), group));

  const all = [...products, ...sums, ...messages, ...bothWays, collective, ...disturbed];
  const times = await timeInRounds(communicator, Object.fromEntries(all.entries()), rounds);
  const secondsOf = (timed: Timed) => middle(times[all.indexOf(timed)] as number[]) / 1e3 / timed.count;
  const sampleOf = (timed: Timed): Sample => ({ size: timed.size, seconds: secondsOf(timed) });

  const [ofBlock, whole] = [messages[2], products[2]].map((timed) => secondsOf(timed as Timed)) as [number, number];
  const beyond = { size: collective.size, seconds: Math.max(0, secondsOf(collective) - (ranks - 1) * ofBlock) };
  return {
    products: products.map(sampleOf),
    sums: sums.map(sampleOf),
    messages: messages.map(sampleOf),
    bothWays: bothWays.map(sampleOf),
    gathers: layout === "gather" ? [beyond] : [],
    reductions: layout === "reduce" ? [beyond] : [],
    disturbances: disturbed
      .filter((_, i) => secondsOf(messages[i + 1] as Timed) < whole)
      .map((timed) => ({ size: timed.size, seconds: Math.max(0, secondsOf(timed) - whole) })),
  };
}

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
