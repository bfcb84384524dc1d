import type { Node } from "../../../graph/graph.ts";
import type { Operation } from "../../../graph/operations.ts";
import { type DType, type HostTensor, hostTensor } from "../../../host-tensor.ts";
import { type AttributeValue, elementTypes, type NamedType, type OnnxModel, type OnnxNode } from "../model.ts";

/** Collects the ONNX nodes and constants of one program. Values are names. */
export class OnnxEmitter {
  readonly nodes: OnnxNode[] = [];
  readonly inner: NamedType[] = [];
  readonly initializers: { name: string; value: HostTensor | BigInt64Array }[] = [];
  /** What is lowered now. */
  origin = "";
  readonly #known = new Map<string, string>();

  /** Appends an operator of one output and returns that output's name. */
  op(type: string, inputs: readonly string[], attributes: OnnxNode["attributes"] = {}, domain = ""): string {
    return this.ops(type, inputs, 1, attributes, domain)[0] as string;
  }

  /** Appends an operator of several outputs. */
  ops(
    type: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: { readonly [name: string]: AttributeValue } = {},
    domain = "",
  ): string[] {
    const outputs = Array.from({ length: outputCount }, (_, i) => `v${this.nodes.length}${i ? `_${i}` : ""}`);
    this.nodes.push({ type, inputs, outputs, attributes, domain, origin: this.origin });
    return outputs;
  }

  constant(value: HostTensor | BigInt64Array): string {
    const name = `c${this.initializers.length}`;
    this.initializers.push({ name, value });
    return name;
  }

  /** A scalar constant. */
  scalar(value: number, dtype: DType = "float32"): string {
    return this.#once(`${dtype} ${Object.is(value, -0) ? "-0" : value}`, () => {
      const tensor = hostTensor(dtype, []);
      tensor.data[0] = value;
      return this.constant(tensor);
    });
  }

  /** A vector of 64-bit integers, as axes and shapes are passed. */
  integers(values: readonly number[]): string {
    return this.#once(`int64 ${values}`, () => this.constant(BigInt64Array.from(values, BigInt)));
  }

  cast(x: string, to: keyof typeof elementTypes): string {
    return this.op("Cast", [x], { to: elementTypes[to] });
  }

  #once(key: string, make: () => string): string {
    const name = this.#known.get(key) ?? make();
    this.#known.set(key, name);
    return name;
  }

  model(name: string, inputs: OnnxModel["inputs"], outputs: OnnxModel["outputs"]): OnnxModel {
    return { name, inputs, outputs, nodes: this.nodes, inner: this.inner, initializers: this.initializers };
  }
}

/** How one graph operation is written in ONNX: appends operators, returns the name of the result. */
export type Lowering<O extends Operation = Operation> = (
  emit: OnnxEmitter,
  node: Node<O>,
  inputs: readonly string[],
) => string;
