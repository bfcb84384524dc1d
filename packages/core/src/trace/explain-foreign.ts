/** What tfjs says of a value that is no tensor of its own, nor what it makes one of. `null` is no tensor of anybody. */
const refusal =
  /^(Argument '.+' passed to '.+' must be a Tensor or TensorLike, but got '(?!null')|values passed to tensor\()/;

/** An error of a recorded function; where tfjs was given a tensor that it does not know, or one for a value, with what to do. */
export function explainForeign(error: unknown): unknown {
  if (!(error instanceof Error && refusal.test(error.message))) return error;
  return new TypeError(
    `${error.message}. Inside a jitted function, all numbers and tensors among its arguments are tensors of tfjs already; a host tensor ` +
      "or a tensor of an engine that is taken from outside has to be passed as an argument.",
    { cause: error },
  );
}
