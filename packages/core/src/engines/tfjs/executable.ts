import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Node } from "../../graph/graph.ts";
import { onBackend } from "../../trace/on-backend.ts";
import { checkArguments } from "../arguments.ts";
import type { CompileOptions, DeviceTensor, Engine, Executable } from "../engine.ts";
import { evaluateNode } from "./evaluate-node.ts";
import { isFaulty } from "./faults.ts";
import { giveWay } from "./give-way.ts";
import { isHostNode } from "./host-operations.ts";
import { countReads, LiveValues } from "./live-values.ts";
import { evaluate } from "./operations/index.ts";
import { TfjsTensor } from "./tensor.ts";
import { hostOf, tensorOf } from "./values.ts";

/** How tfjs says that a backend lacks a kernel. */
const missingKernel = /^Kernel '.*' not registered for backend/;

/** A graph that is interpreted node by node on a tfjs backend, which must be ready. */
export class TfjsExecutable implements Executable {
  readonly #reads: ReadonlyMap<Node, number>;
  readonly #program: readonly Node[];
  readonly #donated: ReadonlySet<number>;
  readonly #name: string;
  /** Nodes that the backend cannot compute; grows when it turns out to lack a kernel. */
  readonly #onHost: Set<Node>;
  #runs = 0;
  #isDisposed = false;

  constructor(
    readonly engine: Engine,
    readonly backend: string,
    readonly graph: Graph,
    { name, donations }: CompileOptions,
  ) {
    this.#name = name;
    this.#reads = countReads(graph);
    this.#program = graph.nodes.filter((node) => node.operation !== "input");
    this.#onHost = new Set(this.#program.filter((node) => isHostNode(node) || isFaulty(backend, node)));
    this.#donated = new Set(donations.map(([input]) => input));
  }

  async run(inputs: readonly DeviceTensor[]): Promise<DeviceTensor[]> {
    if (this.#isDisposed) throw new Error(`program "${this.#name}" failed: a program was run after it was disposed of`);
    checkArguments(this.#name, this.engine, this.graph.inputs, inputs);
    const tensors = inputs as readonly TfjsTensor[];
    const values = new LiveValues(this.#reads);
    this.#runs++;
    try {
      // A clone shares the values, so inputs are let go like every other value.
      onBackend(this.backend, () => {
        for (const [i, node] of this.graph.inputs.entries()) {
          values.set(node, tf.clone((tensors[i] as TfjsTensor).tensor));
        }
      });
      for (const i of this.#donated) tensors[i]?.dispose("donated");
      await giveWay();
      for (let next = this.#advance(0, values); next < this.#program.length; next = this.#advance(next + 1, values)) {
        await this.#computeOnHost(this.#program[next] as Node, values);
      }
      return this.graph.outputs.map((node) => {
        const tensor = onBackend(this.backend, () => tf.keep(tf.clone(values.get(node))));
        return new TfjsTensor(this.engine, this.backend, node.dtype, node.shape, tensor);
      });
    } finally {
      this.#runs--;
      values.free();
    }
  }

  async dispose(): Promise<void> {
    if (this.#runs > 0) throw new Error("a program was disposed of while it was running; await its runs first");
    this.#isDisposed = true;
  }

  /** Computes nodes from position `start` on, up to one that needs the host, whose position it returns. */
  #advance(start: number, values: LiveValues): number {
    return onBackend(this.backend, () => {
      for (let position = start; position < this.#program.length; position++) {
        const node = this.#program[position] as Node;
        if (this.#onHost.has(node)) return position;
        try {
          values.set(node, evaluate(node, values.of(node.inputs)));
        } catch (error) {
          const { message } = error as Error;
          if (!missingKernel.test(message) || this.backend === "cpu") throw this.#failure(node, error as Error);
          this.#onHost.add(node);
          return position;
        }
        for (const input of node.inputs) values.wasRead(input);
      }
      return this.#program.length;
    });
  }

  /** Computes one node from values that are read back, which does not block where the backend is asynchronous. */
  async #computeOnHost(node: Node, values: LiveValues): Promise<void> {
    const data = await Promise.all(values.of(node.inputs).map((value) => value.data()));
    try {
      const operands = node.inputs.map(({ dtype, shape }, i) => hostOf(dtype, shape, data[i] as ArrayLike<number>));
      const result = evaluateNode(node, operands);
      onBackend(this.backend, () => values.set(node, tensorOf(result)));
    } catch (error) {
      throw this.#failure(node, error as Error);
    }
    for (const input of node.inputs) values.wasRead(input);
  }

  #failure(node: Node, cause: Error): Error {
    const types = node.inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(", ");
    return new Error(`program "${this.#name}" failed in ${node.operation}(${types}): ${cause.message}`, { cause });
  }
}
