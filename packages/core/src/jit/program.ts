import { type DeviceTensor, type Engine, type Executable, isDeviceTensor } from "../engines/engine.ts";
import type { HostTensor } from "../host-tensor.ts";
import { type TreeStructure, treeUnflatten } from "../tree.ts";
import type { Taken } from "./take.ts";

/** A recorded function as its engine runs it, and what it returns. */
export interface Program {
  readonly executable: Executable;
  readonly structure: TreeStructure;
  /** Leaves of the result: the position of an output, or a value that is no tensor and is returned as it is. */
  readonly leaves: readonly ({ readonly output: number } | { readonly value: unknown })[];
}

/**
 * Runs a program on what a call has taken, and frees what was brought to the engine for this call alone. Nothing is waited for before
 * the engine is asked, so that it can hold on to its tensors.
 */
export async function runProgram(
  { executable, structure, leaves }: Program,
  engine: Engine,
  taken: readonly Taken[],
): Promise<unknown> {
  const temporaries: DeviceTensor[] = [];
  const bring = (value: HostTensor) => {
    const tensor = engine.upload(value);
    temporaries.push(tensor);
    return tensor;
  };
  try {
    const outputs = await executable.run(taken.map((value) => (isDeviceTensor(value) ? value : bring(value))));
    return treeUnflatten(
      structure,
      leaves.map((leaf) => ("output" in leaf ? outputs[leaf.output] : leaf.value)),
    );
  } finally {
    for (const tensor of temporaries) tensor.dispose();
  }
}
