import * as tf from "@tensorflow/tfjs-core";

/** A value, and the tensors that its gradient will read. */
interface Forward {
  readonly value: tf.Tensor;
  readonly save: readonly tf.Tensor[];
}

/**
 * A function of tensors with a gradient of its own: `tf.customGrad` with what it promises in its types.
 *
 * `backward` returns a gradient for each input, in order, each a tensor of its own and of the input's shape. Every tensor
 * that the value depends on must be among the inputs: the tape cannot see inside.
 */
export function withGradient<Inputs extends readonly tf.Tensor[]>(
  inputs: Inputs,
  forward: (...inputs: Inputs) => Forward,
  backward: (dy: tf.Tensor, saved: readonly tf.Tensor[]) => { readonly [Input in keyof Inputs]: tf.Tensor },
): tf.Tensor {
  const differentiable = tf.customGrad((...inputsAndSave) => {
    const saveForBackward = inputsAndSave[inputs.length] as tf.GradSaveFunc;
    const { value, save } = forward(...(inputsAndSave.slice(0, inputs.length) as readonly tf.Tensor[] as Inputs));
    saveForBackward([...save]);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [...backward(dy, saved)] };
  });
  return differentiable(...inputs);
}

/** Sum over all axes but the last: the gradient of a vector that was added to, or multiplied with, every row. */
export function sumOfRows(x: tf.Tensor): tf.Tensor {
  return x.rank === 1
    ? tf.clone(x)
    : tf.sum(
        x,
        Array.from({ length: x.rank - 1 }, (_, axis) => axis),
      );
}
