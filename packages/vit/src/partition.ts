import type { nn } from "@vitscale/core";
import { buildParameters } from "./build-parameters.ts";
import type { ViTConfig } from "./config.ts";
import type { ViTParameters } from "./parameters.ts";

/**
 * The configuration as the code of one rank sees it: width, heads and MLP width are those of its share, so that a layer reads like
 * that of a smaller model, and the partition says how shares are joined.
 */
export interface LocalConfig extends ViTConfig {
  readonly partition: nn.Partition;
}

/**
 * One rank's share of a model.
 *
 * @throws RangeError when heads or MLP width cannot be shared equally.
 */
export function localConfig(config: ViTConfig, partition: nn.Partition): LocalConfig {
  const { ranks } = partition;
  checkShares(config, ranks);
  const { width, heads, mlpWidth } = config;
  return { ...config, partition, width: width / ranks, heads: heads / ranks, mlpWidth: mlpWidth / ranks };
}

function checkShares({ heads, mlpWidth, qkNormSpan }: ViTConfig, ranks: number): void {
  if (qkNormSpan === "width" && ranks > 1) {
    throw new RangeError(`a QK norm over all heads needs them on one rank, not on ${ranks}; set qkNormSpan to head`);
  }
  for (const [name, count] of Object.entries({ heads, mlpWidth })) {
    if (count % ranks === 0) continue;
    const possible = Array.from({ length: heads }, (_, i) => i + 1).filter(
      (k) => heads % k === 0 && mlpWidth % k === 0,
    );
    throw new RangeError(
      `${ranks} ranks cannot share ${name} ${count} equally, and no head is split; this model can be shared by ${possible.join(", ")}`,
    );
  }
}

/** Parameters that every rank has whole: norms within a head, and what adds to the classes. */
const replicated = /(query_norm|key_norm)\/(scale|bias)$|^head\/bias$/;

/**
 * Whether ranks have rows of a kernel, because its outputs are communicated and not its inputs: they are fewer. Parts of one product go
 * together, and of the classes every rank wants all.
 */
function isReduced(path: string, { width, mlpWidth, block, fusedInput, fusedOutput }: ViTConfig): boolean {
  const canFuse = block === "parallel" && path.startsWith("encoder");
  if (path.endsWith("attention/output/kernel")) return canFuse && fusedOutput;
  if (path.endsWith("mlp/in/kernel")) return mlpWidth < width && !(canFuse && fusedInput);
  if (path.endsWith("mlp/out/kernel")) return width < mlpWidth || (canFuse && fusedOutput);
  return path === "head/kernel";
}

/**
 * How each parameter is spread when ranks along the mesh axis `axis` share the features: kernels by rows where the outputs are
 * summed over ranks, by columns where the inputs are gathered (the smaller side is communicated: Dehghani et al. 2023, §3), vectors
 * over features as those.
 *
 * @throws RangeError when `ranks` of them cannot share the model equally.
 */
export function partitionParameters(config: ViTConfig, ranks: number, axis = "model"): ViTParameters<nn.PartitionSpec> {
  checkShares(config, ranks);
  return buildParameters<nn.PartitionSpec>(config, {
    make: (path, shape) => {
      const cut = replicated.test(path) ? undefined : isReduced(path, config) ? 0 : shape.length - 1;
      return { shape, axes: shape.map((_, i) => (i === cut ? axis : null)) };
    },
    concat: (specs, joined) => {
      const [first] = specs as readonly [nn.PartitionSpec];
      const lengths = specs.flatMap(({ shape, parts }) => parts?.[joined] ?? [shape[joined]!]);
      const length = lengths.reduce((sum, part) => sum + part, 0);
      return { shape: first.shape.with(joined, length), axes: first.axes, parts: { [joined]: lengths } };
    },
    sum: (specs) => specs[0]!,
  });
}
