import { didYouMean, type HostTensor, isDeviceTensor, isHostTensor, treeEntries, treeMap } from "@vitscale/core";
import type { Checkpoint } from "./file.ts";

/**
 * The tensors of a checkpoint in the structure of a state.
 *
 * @param template a tree with the tensors that the checkpoint must have, by name and shape
 * @throws RangeError listing what is missing, unknown, or of another shape, and what can be done instead.
 */
export function restore<State>({ tensors, path }: Checkpoint, template: State): State {
  const expected = new Map(treeEntries<HostTensor>(template, isTensor));
  const problems: string[] = [];
  for (const [name, { shape, dtype }] of expected) {
    const found = tensors.get(name);
    if (found === undefined) problems.push(`${name} is missing${didYouMean(name, tensors.keys())}`);
    else if (`${found.shape}` !== `${shape}` || found.dtype !== dtype) {
      problems.push(`${name} is ${found.dtype} [${found.shape}], but the model has ${dtype} [${shape}]`);
    }
  }
  for (const name of tensors.keys()) if (!expected.has(name)) problems.push(`${name} is not in the model`);
  if (problems.length > 0) {
    const shown = problems.slice(0, 8).join("\n  ");
    const more = problems.length > 8 ? `\n  and ${problems.length - 8} more` : "";
    throw new RangeError(
      `checkpoint ${path} does not fit the configuration:\n  ${shown}${more}\n` +
        "a run goes on with the model, optimizer and averaging that it was begun with; to begin another with its weights, give that an " +
        '--out of its own and start: { kind: "run", run: FOLDER }',
    );
  }
  return treeMap((_: unknown, name) => tensors.get(name), template, isTensor) as State;
}

/** Whether a value of a state is a tensor, wherever its memory is. */
export function isTensor(value: unknown): boolean {
  return isHostTensor(value) || isDeviceTensor(value);
}
