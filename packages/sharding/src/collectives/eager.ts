import * as tf from "@tensorflow/tfjs-core";
import { type collectives, type DType, graph, hostTensor } from "@vitscale/core";
import { communicatorOf } from "../communicator.ts";
import { type Collective, carryOut } from "./algorithms.ts";
import { completeSync, type Exchange } from "./exchange.ts";
import { describeCollective } from "./traffic.ts";
import { nextTurn } from "./turns.ts";
import { openWire, type Wire } from "./wire.ts";

/** Eager collectives come one after the other, and share a channel that programs leave free. */
export const eagerChannel = 0;

const operations = {
  AllGather: "allGather",
  ReduceScatter: "reduceScatter",
  AllReduce: "allReduce",
  CollectivePermute: "collectivePermute",
  CollectiveBroadcast: "collectiveBroadcast",
  CollectiveReduce: "collectiveReduce",
  AllToAll: "allToAll",
} as const satisfies { readonly [K in collectives.CollectiveKernel]: graph.CollectiveOperation };

/** Collectives in which some ranks may exchange nothing with some others, so that no message would tell them that they call different ones. */
const unnoticed: ReadonlySet<graph.CollectiveOperation> = new Set([
  "collectivePermute",
  "collectiveBroadcast",
  "collectiveReduce",
]);

/** Compares what ranks call with the next of the group, by a message under the label of the call. */
function* compareCalls({ count, position, send, receive }: Wire): Exchange<void> {
  if (count === 1) return;
  const [next, last] = [(position + 1) % count, (position + count - 1) % count];
  yield [send(next, "call", new Uint8Array(1)), receive(last, "call", new Uint8Array(1))];
}

/** Carries a kernel out at once, blocking until the other ranks have called it too. */
function compute(
  kernel: collectives.CollectiveKernel,
  backend: tf.KernelBackend,
  x: tf.TensorInfo,
  attributes: unknown,
) {
  const { group, ...own } = attributes as { readonly group: collectives.RankGroup };
  const { over, ranks, position } = group;
  const builder = new graph.GraphBuilder();
  const operand = builder.input("x", x.dtype as DType, x.shape);
  const everything = { over, ranks, position, channel: eagerChannel, ...own };
  const node = builder.add(operations[kernel], [operand], everything as never) as Collective & graph.TensorType;

  const { transport } = communicatorOf(group);
  const turn = nextTurn(transport, "eager", describeCollective(node, operand));
  const label = `eager call ${turn.number}, ${turn.what}`;
  const wire = openWire(transport, { ranks, position, channel: eagerChannel, label, turn });
  if (unnoticed.has(node.operation)) completeSync(compareCalls(wire));
  const values = backend.readSync(x.dataId as object) as Float32Array;
  const { data } = hostTensor(operand.dtype, operand.shape, values);
  const result = completeSync(carryOut(node, { ...operand, data }, wire));
  // A backend may keep the array that it is given, and the operand's belongs to another tensor.
  const owned = result === data ? result.slice() : result;
  const dataId = backend.write(owned as tf.backend_util.BackendValues, [...node.shape], x.dtype) as object;
  return { dataId, shape: [...node.shape], dtype: x.dtype };
}

/** Gives every tfjs backend that is registered kernels for the collectives. */
export function registerEagerCollectives(): void {
  for (const backendName of Object.keys(tf.engine().registryFactory)) {
    for (const kernelName of Object.keys(operations) as collectives.CollectiveKernel[]) {
      if (tf.getKernel(kernelName, backendName)) continue;
      tf.registerKernel({
        kernelName,
        backendName,
        kernelFunc: ({ inputs, attrs, backend }) =>
          compute(kernelName, backend as tf.KernelBackend, inputs.x as tf.TensorInfo, attrs),
      });
    }
  }
}
