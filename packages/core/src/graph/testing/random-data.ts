import { type HostTensor, hostTensor, newData, sizeOf } from "../../host-tensor.ts";
import { threefry2x32 } from "../../random/threefry.ts";
import type { Graph, TensorType } from "../graph.ts";

/** Irregular numbers of a type, the same for the same seed: floats in (−2, 2), integers in −4 … 4, bits. */
export function randomTensor({ dtype, shape }: TensorType, seed = 0): HostTensor {
  const data = newData(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const bits = threefry2x32([seed, 0], [0, i])[0] >>> 0;
    if (dtype === "float32") data[i] = (bits / 2 ** 32) * 4 - 2;
    else if (dtype === "int32") data[i] = (bits % 9) - 4;
    else data[i] = dtype === "bool" ? bits & 1 : bits & 255;
  }
  return hostTensor(dtype, shape, data);
}

/** Irregular values for all inputs of a graph. */
export function randomInputs(graph: Graph, seed = 0): HostTensor[] {
  return graph.inputs.map((input, i) => randomTensor(input, seed * 1000 + i));
}
