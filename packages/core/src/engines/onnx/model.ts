import protobuf from "protobufjs/light.js";
import type { DType, HostTensor } from "../../host-tensor.ts";

/** The part of onnx.proto3 that a program needs, with its field numbers. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Dimension: { fields: { dimValue: { type: "int64", id: 1 } } },
    Shape: { fields: { dim: { rule: "repeated", type: "Dimension", id: 1 } } },
    TensorType: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "Shape", id: 2 } } },
    Type: { fields: { tensorType: { type: "TensorType", id: 1 } } },
    ValueInfo: { fields: { name: { type: "string", id: 1 }, type: { type: "Type", id: 2 } } },
    Tensor: {
      fields: {
        dims: { rule: "repeated", type: "int64", id: 1 },
        dataType: { type: "int32", id: 2 },
        name: { type: "string", id: 8 },
        rawData: { type: "bytes", id: 9 },
      },
    },
    Attribute: {
      fields: {
        name: { type: "string", id: 1 },
        f: { type: "float", id: 2 },
        i: { type: "int64", id: 3 },
        s: { type: "bytes", id: 4 },
        floats: { rule: "repeated", type: "float", id: 7 },
        ints: { rule: "repeated", type: "int64", id: 8 },
        type: { type: "int32", id: 20 },
      },
    },
    Node: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        name: { type: "string", id: 3 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "Attribute", id: 5 },
        domain: { type: "string", id: 7 },
      },
    },
    Graph: {
      fields: {
        node: { rule: "repeated", type: "Node", id: 1 },
        name: { type: "string", id: 2 },
        initializer: { rule: "repeated", type: "Tensor", id: 5 },
        input: { rule: "repeated", type: "ValueInfo", id: 11 },
        output: { rule: "repeated", type: "ValueInfo", id: 12 },
        valueInfo: { rule: "repeated", type: "ValueInfo", id: 13 },
      },
    },
    OperatorSet: { fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } } },
    Model: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        producerName: { type: "string", id: 2 },
        graph: { type: "Graph", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSet", id: 8 },
      },
    },
  },
});

/** Element types by their number in onnx.proto. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  uint32: 12,
  bfloat16: 16,
} as const satisfies Record<DType | "int64" | "uint32", number>;

export type AttributeValue = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: { readonly [name: string]: AttributeValue };
  readonly domain: string;
  /** The operation of the graph that it is a part of, with its types. */
  readonly origin?: string;
}

/** A value's name and type. */
export interface NamedType {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface OnnxModel {
  readonly name: string;
  readonly inputs: readonly NamedType[];
  readonly outputs: readonly NamedType[];
  readonly nodes: readonly OnnxNode[];
  /** Types of inner values that ONNX Runtime cannot infer. */
  readonly inner: readonly NamedType[];
  readonly initializers: readonly { readonly name: string; readonly value: HostTensor | BigInt64Array }[];
}

/** Versions of the operator sets that the lowering is written against; 1 for a domain that is not here. */
const operatorSets: { readonly [domain: string]: number } = { "": 21 };

function attribute(name: string, value: AttributeValue): object {
  if (typeof value === "number") return { name, i: value, type: 2 };
  if (typeof value === "string") return { name, s: new TextEncoder().encode(value), type: 3 };
  if (Array.isArray(value)) return { name, ints: value, type: 7 };
  return { name, f: (value as { float: number }).float, type: 1 };
}

function valueInfo({ name, dtype, shape }: NamedType): object {
  const dims = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: elementTypes[dtype], shape: { dim: dims } } } };
}

function initializer(name: string, value: HostTensor | BigInt64Array): object {
  const data = value instanceof BigInt64Array ? value : value.data;
  return {
    name,
    dims: value instanceof BigInt64Array ? [value.length] : value.shape,
    dataType: value instanceof BigInt64Array ? elementTypes.int64 : elementTypes[value.dtype],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

const maximumBytes = 2 ** 31 - 1;

/**
 * The bytes of an ONNX file.
 *
 * @throws RangeError when the constants exceed what a protobuf file can hold (2 GB): weights belong in arguments.
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const constantBytes = model.initializers.reduce(
    (sum, { value }) => sum + (value instanceof BigInt64Array ? value.byteLength : value.data.byteLength),
    0,
  );
  if (constantBytes > maximumBytes) {
    throw new RangeError(
      `program "${model.name}" holds ${constantBytes} bytes of constants, and an ONNX file at most ${maximumBytes}; ` +
        `pass large tensors as arguments of the jitted function instead of capturing them`,
    );
  }
  const message = {
    irVersion: 10,
    producerName: "vitscale",
    opsetImport: [...new Set(["", ...model.nodes.map((node) => node.domain)])].map((domain) => ({
      domain,
      version: operatorSets[domain] ?? 1,
    })),
    graph: {
      name: model.name,
      node: model.nodes.map((node, index) => ({
        name: `${index}_${node.type}`,
        opType: node.type,
        domain: node.domain,
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
      })),
      initializer: model.initializers.map(({ name, value }) => initializer(name, value)),
      input: model.inputs.map(valueInfo),
      output: model.outputs.map(valueInfo),
      valueInfo: model.inner.map(valueInfo),
    },
  };
  return schema.lookupType("Model").encode(message).finish();
}
