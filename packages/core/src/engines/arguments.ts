import type { Graph } from "../graph/graph.ts";
import { sameShape } from "../graph/shapes.ts";
import type { DeviceTensor, Engine } from "./engine.ts";

/**
 * Checks what a program is run with: as many tensors as it has inputs, of the engine that compiled it, of the types
 * that it was compiled for.
 *
 * @throws RangeError or TypeError naming the program and the first argument that does not fit.
 */
export function checkArguments(program: string, engine: Engine, graph: Graph, given: readonly DeviceTensor[]): void {
  if (given.length !== graph.inputs.length) {
    throw new RangeError(`program "${program}" takes ${graph.inputs.length} arguments, but ${given.length} were given`);
  }
  for (const [i, input] of graph.inputs.entries()) {
    const tensor = given[i] as DeviceTensor;
    if (tensor.engine !== engine) {
      throw new TypeError(`argument ${i} of program "${program}" is not a tensor of the ${engine.name} engine`);
    }
    if (tensor.dtype !== input.dtype || !sameShape(tensor.shape, input.shape)) {
      throw new RangeError(
        `argument ${i} of program "${program}" is ${tensor.dtype}[${tensor.shape}], ` +
          `but it was compiled for ${input.dtype}[${input.shape}]`,
      );
    }
  }
}
