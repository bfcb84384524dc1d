import * as tf from "@tensorflow/tfjs-core";
import { collectives, hostTensor, jit } from "@vitscale/core";
import { expect, it } from "vitest";
import { cutProgram } from "./cut.ts";
import { donationsOf } from "./donations.ts";

const group: collectives.RankGroup = { over: "model", ranks: [0, 1], position: 0, communicator: 0 };
const vector = hostTensor("float32", [4]);
/** The donations of input 0 to output 0 that the segments of a program carry out. */
const donated = (f: (x: tf.Tensor) => tf.Tensor[]) => [
  ...donationsOf(cutProgram(jit(f).graph(vector)), [[0, 0]]).values(),
];

it("a segment writes over an argument when all that reads it is over before", () => {
  // The sum is sent first, because the addition needs what arrives.
  expect(donated((x) => [tf.add(x, collectives.allReduce(x, group))])).toEqual([[[0, 0]]]);
});

it("a segment leaves an argument alone that another task may still read", () => {
  expect(donated((x) => [tf.add(x, 1), collectives.allReduce(x, group)])).toEqual([]);
  // Neither the last product nor the addition needs the other.
  expect(donated((x) => [tf.add(x, 1), tf.mul(x, collectives.allReduce(tf.ones([4]), group))])).toEqual([]);
});
