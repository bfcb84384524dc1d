import { type nn, treeEntries } from "@vitscale/core";
import { isPartitionSpec, storeOver } from "@vitscale/sharding";
import { partitionParameters, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { isTensor } from "../checkpoints/restore.ts";
import type { Optimizer, Slot } from "../optimizers/optimizer.ts";
import type { RunMesh } from "./mesh.ts";

/** How the parameters of a model are spread: features over `model`, and the storage of large ones over `data` too. */
export function parameterSpecs(model: ViTConfig, mesh: RunMesh): ViTParameters<nn.PartitionSpec> {
  return storeOver(partitionParameters(model, mesh.axes.model), mesh);
}

/** How something that an optimizer remembers of a parameter is spread: each of its axes as the parameter's. */
export function slotSpec(spec: nn.PartitionSpec, { axes = [...spec.shape.keys()] }: Slot): nn.PartitionSpec {
  const parts = axes.flatMap((axis, i): [number, readonly number[]][] => {
    const lengths = spec.parts?.[axis];
    return lengths ? [[i, lengths]] : [];
  });
  return {
    shape: axes.map((axis) => spec.shape[axis] as number),
    axes: axes.map((axis) => spec.axes[axis] ?? null),
    ...(parts.length > 0 && { parts: Object.fromEntries(parts) }),
  };
}

/**
 * How every tensor of a state is spread, by path: an average as its parameter, and what the optimizer remembers along the axes that it
 * has of it.
 *
 * @param state a state's tensors, whole or in part: only their names count
 */
export function stateSpecs(
  state: unknown,
  parameters: ViTParameters<nn.PartitionSpec>,
  optimizer: Pick<Optimizer, "slots">,
): Map<string, nn.PartitionSpec> {
  const byName = new Map(treeEntries<nn.PartitionSpec>(parameters, isPartitionSpec));
  const specOf = (path: string): nn.PartitionSpec => {
    // params/NAME, average/NAME, optimizer/NAME/SLOT
    const [, kind, name = "", slotName = ""] =
      /^(optimizer)\/(.+)\/([^/]+)$/.exec(path) ?? /^(params|average)\/(.+)$/.exec(path) ?? [];
    const spec = byName.get(name);
    if (!spec) throw new Error(`internal: no parameter is behind ${path}`);
    if (kind !== "optimizer") return spec;
    const slot = optimizer.slots(spec.shape, name)[slotName];
    if (!slot) throw new Error(`internal: the optimizer remembers nothing by the name of ${path}`);
    return slotSpec(spec, slot);
  };
  return new Map(treeEntries(state, isTensor).map(([path]) => [path, specOf(path)]));
}
