import { bytesPerElement, type graph, sizeOf } from "@vitscale/core";
import { type Collective, directBytes } from "./algorithms.ts";
import { treeOf } from "./trees.ts";

/** What one rank sends. */
export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

const none: Traffic = { messages: 0, bytes: 0 };

/** What the rank at the position in the attributes sends in a collective on an operand of that type. */
export function trafficOf({ operation, attributes }: Collective, { dtype, shape }: graph.TensorType): Traffic {
  const { ranks, position } = attributes;
  const count = ranks.length;
  if (count === 1) return none;
  const elements = sizeOf(shape);
  const bytes = elements * bytesPerElement(dtype);
  switch (operation) {
    case "allGather":
      return { messages: count - 1, bytes: (count - 1) * bytes };
    case "reduceScatter":
    case "allToAll":
      return { messages: count - 1, bytes: ((count - 1) / count) * bytes };
    case "allReduce": {
      if (bytes <= directBytes) return { messages: count - 1, bytes: (count - 1) * bytes };
      // Once round with every part but the own, once with every part but the next one's.
      const partBytes = (part: number) => {
        const at = (i: number) => Math.floor((i * elements) / count);
        return (at(part + 1) - at(part)) * bytesPerElement(dtype);
      };
      return { messages: 2 * (count - 1), bytes: 2 * bytes - partBytes(position) - partBytes((position + 1) % count) };
    }
    case "collectivePermute": {
      const isSource = attributes.pairs.some(([source, target]) => source === position && target !== position);
      return isSource ? { messages: 1, bytes } : none;
    }
    case "collectiveBroadcast": {
      const { children } = treeOf({ count, position }, attributes.root);
      return { messages: children.length, bytes: children.length * bytes };
    }
    case "collectiveReduce":
      return position === attributes.root ? none : { messages: 1, bytes };
    default:
      return operation satisfies never;
  }
}

/** Messages that follow one another in a collective, at most: how many times its time has the latency of the link. */
export function hopsOf({ operation, attributes }: Collective, { dtype, shape }: graph.TensorType): number {
  const count = attributes.ranks.length;
  if (count === 1) return 0;
  switch (operation) {
    case "allGather":
    case "reduceScatter":
      return count - 1;
    case "allReduce":
      return sizeOf(shape) * bytesPerElement(dtype) <= directBytes ? 1 : 2 * (count - 1);
    case "collectivePermute":
    case "allToAll":
      return 1;
    case "collectiveBroadcast":
    case "collectiveReduce":
      return Math.ceil(Math.log2(count));
    default:
      return operation satisfies never;
  }
}

/** What a collective is, in words that are the same on all of its ranks. */
export function describeCollective({ operation, attributes }: Collective, { dtype, shape }: graph.TensorType): string {
  const { over, ranks: _, position: __, channel: ___, ...own } = attributes;
  const details = Object.entries(own).map(([name, value]) => ` ${name} ${value}`);
  return `${operation} of ${dtype}[${shape}] over ${over}${details.join("")}`;
}
