import * as tf from "@tensorflow/tfjs-core";

/** A value as messages show it; a tensor by its type, for one inside a jitted function has no values to show. */
const shown = (value: unknown) =>
  value instanceof tf.Tensor ? `a tensor ${value.dtype} [${value.shape}]` : String(value);

/** @throws TypeError unless it is a tensor int32 [2]. */
export function checkKey(key: tf.Tensor): void {
  if (key instanceof tf.Tensor && key.dtype === "int32" && key.rank === 1 && key.shape[0] === 2) return;
  throw new TypeError(
    `a random key is an int32 tensor of shape [2], but ${shown(key)} was given; ` +
      "make one with random.key(seed), and others from it with random.fold or random.split",
  );
}

/** @throws TypeError unless it is a list of sizes, RangeError unless they are whole numbers from 0. */
export function checkShape(shape: readonly number[]): void {
  if (!Array.isArray(shape)) throw new TypeError(`a shape is a list of sizes, but ${shown(shape)} was given`);
  if (shape.every((size) => Number.isInteger(size) && size >= 0)) return;
  throw new RangeError(`the sizes of a shape are whole numbers from 0, but [${shape}] was given`);
}

/** @throws TypeError, naming what the number is, unless it is one: tensors and others are not compared. */
export function checkNumber(what: string, value: number): void {
  if (typeof value !== "number") throw new TypeError(`${what} is a number, but ${shown(value)} was given`);
}
