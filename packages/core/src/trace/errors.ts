import { obstacleOf } from "./unsupported.ts";

/** The value of a traced tensor was asked for while (or after) a function was recorded. */
export class TracedReadError extends Error {
  override readonly name = "TracedReadError";

  /** `use` says what for, where that is known: `as attribute "alpha" of tfjs kernel "LeakyRelu"`. */
  constructor(description: string, use = "") {
    super(
      `the value of a traced tensor ${description} was read${use && ` ${use}`}, but inside a jitted function a tensor stands for the values of ` +
        `every later call and has none yet. Return it from the function and read the result, or compute with tensor ` +
        `operations (tf.where instead of if). Numbers among the arguments are tensors too; axes, sizes and other values that ` +
        `are constant for the program come from outside of the function.`,
    );
  }
}

/** A list that was given in place of a tensor holds tensors, which tfjs would leave out of it. */
export class TracedListError extends Error {
  override readonly name = "TracedListError";

  constructor(description: string, size: number, lost: number) {
    super(
      `a JavaScript list was given in place of a tensor ${description}, but ${lost} of its ${size} elements are no numbers: tfjs ` +
        `leaves out tensors that stand in a list. Inside a jitted function numbers among the arguments are tensors, in lists too. ` +
        `Make one tensor of the list by tf.stack(list), of nested lists from the innermost outwards; or pass a host tensor or ` +
        `a tensor of tfjs, as tf.tensor(list), to the jitted function in place of the list.`,
    );
  }
}

/** A kernel that has no recording rule was used inside a jitted function. */
export class UnsupportedKernelError extends Error {
  override readonly name = "UnsupportedKernelError";

  constructor(kernel: string) {
    super(
      `tfjs kernel "${kernel}" cannot be recorded: ${obstacleOf(kernel)}. ` +
        `FEATURES.md lists the kernels that can; express the computation with those, or run it outside jit.`,
    );
  }
}

/** tfjs drew random numbers while a function was recorded. */
export class TracedRandomError extends Error {
  override readonly name = "TracedRandomError";

  constructor(call: string) {
    super(
      `tf.${call} inside a jitted function would draw its numbers once, and every call would get the same. ` +
        `Pass a key and draw from it: random.uniform, normal, bernoulli, truncatedNormal of @vitscale/core, nn.dropout.`,
    );
  }
}

/** A value was given to a tf.Variable while a function was recorded. */
export class TracedAssignmentError extends Error {
  override readonly name = "TracedAssignmentError";

  constructor(variable: string) {
    super(
      `variable "${variable}" was assigned to inside a jitted function, which may not change what is outside of it ` +
        `(optimizers of tfjs do). Pass the values as arguments, and return the new ones: valueAndGrad gives the gradients, and ` +
        `the optimizers of @vitscale/train, as adamw, the new values.`,
    );
  }
}

/** A tf.Variable that a compiled program holds as a constant has another value by now. */
export class CapturedVariableError extends Error {
  override readonly name = "CapturedVariableError";

  constructor(variable: string, program: string) {
    super(
      `variable "${variable}" was assigned to after function "${program}" was compiled, which reads it from outside, so that the ` +
        `program holds its value of then. Pass it as an argument to compute with its value at every call; or, if it ` +
        `seldom changes, call dispose() of the jitted function, and the next call compiles with the new value.`,
    );
  }
}

/** A gradient was taken inside the function that another one differentiates. */
export class NestedGradientError extends Error {
  override readonly name = "NestedGradientError";

  constructor() {
    super(
      "a gradient was taken inside a function that is itself being differentiated. TensorFlow.js's tape gives wrong " +
        "second derivatives through every kernel that saves its output (exp, tanh, sigmoid, softmax), so this is " +
        "refused. Use finite differences of the first gradient for Hessian-vector products.",
    );
  }
}

/** Tensors of the recording were used after it ended. */
export class EscapedTensorError extends Error {
  override readonly name = "EscapedTensorError";

  constructor(description: string) {
    super(
      `a tensor ${description} that was recorded inside a jitted function is used outside of it. ` +
        `It holds no values: return it from the function instead of storing it in a variable outside.`,
    );
  }
}

/** A tensor was used inside a jitted function after it was disposed of. */
export class DisposedTensorError extends Error {
  override readonly name = "DisposedTensorError";

  constructor(description: string) {
    super(
      `a tensor ${description} is used after it was disposed of, by its dispose(), or at the end of the tf.tidy or of the function ` +
        `to differentiate that computed it. Return it from there. The gradient of a tf.customGrad may read its arguments and what ` +
        `was given to save().`,
    );
  }
}
