import * as tf from "@tensorflow/tfjs-core";

/** A tensor that stands for several: they lie side by side along an axis, and each has a shape of its own. */
export interface TensorParts {
  readonly axis: number;
  /** Shapes of the parts. Joining neighbouring axes brings each to the tensor's shape but for the length along `axis`. */
  readonly shapes: readonly (readonly number[])[];
}

/** The parts of a tensor, each in its own shape. */
export function takeApart(tensor: tf.Tensor, { axis, shapes }: TensorParts): tf.Tensor[] {
  const other = tensor.size / tensor.shape[axis]!;
  const lengths = shapes.map((shape) => tf.util.sizeFromShape([...shape]) / other);
  return tf.split(tensor, lengths, axis).map((part, index) => tf.reshape(part, [...shapes[index]!]));
}

/** The tensor that parts make. @param shape its shape */
export function putTogether(parts: readonly tf.Tensor[], shape: readonly number[], { axis }: TensorParts): tf.Tensor {
  const flat = parts.map((part) =>
    tf.reshape(
      part,
      shape.map((side, at) => (at === axis ? -1 : side)),
    ),
  );
  return flat.length === 1 ? flat[0]! : tf.concat(flat, axis);
}
