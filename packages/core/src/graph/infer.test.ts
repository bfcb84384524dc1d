import { describe, expect, it } from "vitest";
import { Emitter } from "./emit.ts";
import { GraphBuilder, type Node } from "./graph.ts";

const builder = new GraphBuilder();
const e = new Emitter(builder);
const float = (...shape: number[]) => builder.input("x", "float32", shape);
const int = (...shape: number[]) => builder.input("i", "int32", shape);
const bool = (...shape: number[]) => builder.input("b", "bool", shape);
const noPadding = { top: 0, bottom: 0, left: 0, right: 0 };
const window = { strides: [1, 1], dilations: [1, 1], padding: noPadding } as const;

describe("inference rejects, and says which rule is broken", () => {
  const rejected: readonly (readonly [string, () => Node])[] = [
    ["add(float32[2], int32[2]): both operands must have the same dtype; cast one of them", () => e.add(float(2), int(2))],
    ["shapes [2] and [3] do not broadcast: axis -1 is 2 in one and 3 in another; they must be equal or 1", () => e.add(float(2), float(3))],
    ["and(int32[2], int32[2]): the operands must be bool; cast them", () => e.binary("and", int(2), int(2))],
    ["bitXor(float32[2], float32[2]): the operands must be int32; cast them", () => e.binary("bitXor", float(2), float(2))],
    ["exp(int32[2]): the operands must be float32; cast them", () => e.unary("exp", int(2))],
    ["atan2(int32[2], int32[2]): the operands must be float32; cast them", () => e.binary("atan2", int(2), int(2))],
    ["softmax(int32[2]): the operands must be float32; cast them", () => builder.add("softmax", [int(2)], {})],
    ["matmul(bool[2,2], bool[2,2]): products are of numbers; cast bool operands to int32 or float32", () => e.matmul(bool(2, 2), bool(2, 2))],
    ["topKValues(bool[3]): ranks numbers; cast its operand to int32", () => builder.add("topKValues", [bool(3)], { k: 1 })],
    ["reshape(float32[2,3]): cannot be reshaped to [4]", () => e.reshape(float(2, 3), [4])],
    ["transpose(float32[2,3]): [1,1] is not a permutation of its axes", () => e.transpose(float(2, 3), [1, 1])],
    ["broadcast(float32[2]): does not broadcast to [1]", () => e.broadcast(float(2), [1])],
    ["slice(float32[4]): a slice from [2] of size [3] by steps [1] leaves the tensor", () => e.slice(float(4), [2], [3])],
    ["slice(float32[4]): a slice from [1] of size [3] by steps [-1] leaves the tensor", () => e.slice(float(4), [1], [3], [-1])],
    ["slice(float32[4,4]): a slice from [1,0] of size [3] by steps [1,1] leaves the tensor", () => e.slice(float(4, 4), [1, 0], [3])],
    ["pad(float32[4]): pads of [1] and [-1] must be one non-negative pair an axis", () => e.pad(float(4), [1], [-1])],
    ["concat(float32[2,3], float32[3,3]): all inputs must have one dtype and equal shapes except along axis 1", () => e.concat([float(2, 3), float(3, 3)], 1)],
    ["concat(float32[2], float32[2]): axis 1 is not one of its 1 axes", () => e.concat([float(2), float(2)], 1)],
    ["tile(float32[2]): takes one number of repetitions an axis", () => builder.add("tile", [float(2)], { repetitions: [2, 2] })],
    ["reduceMax(float32[0]): a maximum or minimum over an empty axis has no value", () => e.reduce("reduceMax", float(0), [0])],
    ["matmul(float32[2,3], float32[2,3]): the inner sizes are 3 and 2; they must be equal", () => e.matmul(float(2, 3), float(2, 3))],
    ["conv2d(float32[1,4,4,3], float32[2,2,2,5]): the filter has 2 input channels in 1 groups, the image 3", () => builder.add("conv2d", [float(1, 4, 4, 3), float(2, 2, 2, 5)], { ...window, groups: 1 })],
    ["conv2dInputGradient(float32[1,2,2,5], float32[2,2,3,5]): for an image [1,4,4,3] dy must have shape [1,3,3,5]", () => builder.add("conv2dInputGradient", [float(1, 2, 2, 5), float(2, 2, 3, 5)], { ...window, groups: 1, shape: [1, 4, 4, 3] })],
    ["topKValues(float32[3]): k = 4 exceeds its last axis", () => builder.add("topKValues", [float(3)], { k: 4 })],
    ["gather(float32[3], float32[1]): indices must be int32", () => builder.add("gather", [float(3), float(1)], { axis: 0 })],
    ["scatterNd(int32[2,1], float32[3,4]): into [5,4] the updates must have shape [2,4] and the indices be int32", () => builder.add("scatterNd", [int(2, 1), float(3, 4)], { shape: [5, 4] })],
    ["select(float32[2], float32[2], float32[2]): the condition must be bool", () => e.select(float(2), float(2), float(2))],
    ["barrier(float32[2]): takes a value and at least one other that comes before it", () => builder.add("barrier", [float(2)], {})],
    ["exp(float32[2], float32[2]): takes 1 inputs, but 2 were given", () => builder.add("exp", [float(2), float(2)], {})],
  ]; // biome-ignore format: a table

  it.each(rejected)("%s", (message, build) => {
    expect(build).toThrow(message);
  });
});
