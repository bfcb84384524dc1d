import type { TensorType } from "../graph/graph.ts";
import { sameShape } from "../graph/shapes.ts";
import type { DeviceTensor, Engine } from "./engine.ts";

/**
 * Checks what a program is run with: as many tensors as it has inputs, of the engine that compiled it, of the types
 * that it was compiled for, and still there. For engines of one's own too.
 *
 * @throws RangeError, TypeError or Error naming the program and the first argument that does not fit.
 */
export function checkArguments(
  program: string,
  engine: Engine,
  inputs: readonly TensorType[],
  given: readonly DeviceTensor[],
): void {
  if (given.length !== inputs.length) {
    throw new RangeError(`program "${program}" takes ${inputs.length} arguments, but ${given.length} were given`);
  }
  for (const [i, input] of inputs.entries()) {
    const tensor = given[i] as DeviceTensor;
    const type = `${tensor.dtype}[${tensor.shape}]`;
    if (tensor.engine !== engine) {
      throw new TypeError(`argument ${i} of program "${program}" is not a tensor of the ${engine.name} engine`);
    }
    if (tensor.dtype !== input.dtype || !sameShape(tensor.shape, input.shape)) {
      throw new RangeError(
        `argument ${i} of program "${program}" is ${type}, but it was compiled for ${input.dtype}[${input.shape}]`,
      );
    }
    if (tensor.isDisposed) {
      throw new Error(
        `argument ${i} of program "${program}" is a ${type} tensor that was disposed of or donated before; ` +
          "dispose of it when it is no longer passed, and pass what the call that it was donated to returned",
      );
    }
  }
}
