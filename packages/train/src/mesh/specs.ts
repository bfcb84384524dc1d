import { type nn, treeEntries } from "@vitscale/core";
import { storeOver } from "@vitscale/sharding";
import { partitionParameters, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { isTensor } from "../checkpoints/restore.ts";
import type { RunMesh } from "./mesh.ts";

/** How the parameters of a model are spread: features over `model`, and the storage of large ones over `data` too. */
export function parameterSpecs(model: ViTConfig, mesh: RunMesh): ViTParameters<nn.PartitionSpec> {
  return storeOver(partitionParameters(model, mesh.axes.model), mesh);
}

const isSpec = (value: unknown) => typeof value === "object" && value !== null && "axes" in value;

/**
 * How every tensor of a state is spread, by path: what an optimizer remembers of a parameter, and its average, as the parameter.
 *
 * @param state a state's tensors, whole or in part: only their names count
 */
export function stateSpecs(state: unknown, parameters: ViTParameters<nn.PartitionSpec>): Map<string, nn.PartitionSpec> {
  const byName = new Map(treeEntries<nn.PartitionSpec>(parameters, isSpec));
  const specs = new Map<string, nn.PartitionSpec>();
  for (const [path] of treeEntries(state, isTensor)) {
    // params/NAME, average/NAME, optimizer/NAME/SLOT
    const name = path.startsWith("optimizer/") ? path.slice(0, path.lastIndexOf("/")) : path;
    const spec = byName.get(name.slice(name.indexOf("/") + 1));
    if (!spec) throw new Error(`internal: no parameter is behind ${path}`);
    specs.set(path, spec);
  }
  return specs;
}
