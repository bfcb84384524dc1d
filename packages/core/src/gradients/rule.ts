import * as tf from "@tensorflow/tfjs-core";

/** How the tape differentiates one kernel: what the forward pass saves, and dy → one thunk for each input. */
export type GradientRule = tf.GradConfig;

/** Gradients by name of the kernel's input; kernels of a list of tensors name them "0", "1", … in order. */
export type InputGradients = { [input: string]: () => tf.Tensor };

interface Saved {
  /** Names of the inputs that the gradient reads. */
  readonly inputs?: readonly string[];
  /** Which outputs the gradient reads. */
  readonly outputs?: readonly boolean[];
}

/**
 * A rule for a kernel with one output. `gradient` receives dy, the saved inputs followed by the saved outputs, and the
 * kernel's attributes, whose type is tfjs's promise.
 *
 * Two conditions of the tape: every thunk yields a tensor of its own (the tape disposes of gradients that it has added
 * up, so dy itself goes out as a clone), and the tensor is float32 of the input's shape.
 */
export function rule<Attributes = tf.NamedAttrMap>(
  kernelName: string,
  saves: Saved,
  gradient: (dy: tf.Tensor, saved: readonly tf.Tensor[], attributes: Attributes) => InputGradients,
): GradientRule {
  return ruleOfMany<Attributes>(kernelName, saves, ([dy], saved, attributes) =>
    gradient(dy as tf.Tensor, saved, attributes),
  );
}

/** A rule for a kernel with several outputs; `gradient` receives one dy for each, zeros where nobody used the output. */
export function ruleOfMany<Attributes = tf.NamedAttrMap>(
  kernelName: string,
  { inputs = [], outputs = [] }: Saved,
  gradient: (dys: readonly tf.Tensor[], saved: readonly tf.Tensor[], attributes: Attributes) => InputGradients,
): GradientRule {
  return {
    kernelName,
    inputsToSave: [...inputs],
    outputsToSave: [...outputs],
    gradFunc: (dy, saved, attributes) => gradient([dy].flat(), saved, attributes as unknown as Attributes),
  };
}

/** A rule for a kernel that takes a list of tensors. */
export function ruleOfList<Attributes = tf.NamedAttrMap>(
  kernelName: string,
  gradient: (dy: tf.Tensor, inputs: readonly tf.Tensor[], attributes: Attributes) => readonly (() => tf.Tensor)[],
): GradientRule {
  return {
    kernelName,
    saveAllInputs: true,
    gradFunc: (dy, inputs, attributes) =>
      Object.fromEntries(gradient(dy as tf.Tensor, inputs, attributes as unknown as Attributes).entries()),
  };
}

/** y = f(x): a rule that reads x. */
export function fromInput<Attributes = tf.NamedAttrMap>(
  kernelName: string,
  gradient: (dy: tf.Tensor, x: tf.Tensor, attributes: Attributes) => tf.Tensor,
): GradientRule {
  return rule<Attributes>(kernelName, { inputs: ["x"] }, (dy, [x], attributes) => ({
    x: () => gradient(dy, x as tf.Tensor, attributes),
  }));
}

/** y = f(x): a rule that reads y, so that x need not outlive the forward pass. */
export function fromOutput<Attributes = tf.NamedAttrMap>(
  kernelName: string,
  gradient: (dy: tf.Tensor, y: tf.Tensor, attributes: Attributes) => tf.Tensor,
): GradientRule {
  return rule<Attributes>(kernelName, { outputs: [true] }, (dy, [y], attributes) => ({
    x: () => gradient(dy, y as tf.Tensor, attributes),
  }));
}

/** y = f(x): a rule that reads neither, because f is linear. */
export function linear<Attributes = tf.NamedAttrMap>(
  kernelName: string,
  gradient: (dy: tf.Tensor, attributes: Attributes) => tf.Tensor,
): GradientRule {
  return rule<Attributes>(kernelName, {}, (dy, _, attributes) => ({ x: () => gradient(dy, attributes) }));
}

/** Runs a kernel that tfjs has no public function for; the attributes' type is that of the kernel. */
export function runKernel<Attributes extends object>(
  kernelName: string,
  inputs: { [name: string]: tf.Tensor },
  attributes: Attributes,
): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attributes as unknown as tf.NamedAttrMap) as tf.Tensor;
}
