import { type HostTensor, hostTensor, isHostTensor, treeEntries } from "@vitscale/core";
import { buildParameters } from "./build-parameters.ts";
import type { ViTConfig } from "./config.ts";
import { concatenate, slice, sumOf } from "./host-arrays.ts";
import type { BlockParameters, ViTParameters } from "./parameters.ts";

type Float = HostTensor<"float32">;

/** The same configuration with every projection stored by itself. */
export function unfusedConfig(config: ViTConfig): ViTConfig {
  return { ...config, fusedInput: false, fusedOutput: false };
}

/**
 * The parameters of an unfused model, stored as `config` wants them. The two biases of a fused output become their sum.
 * Parameters that stay as they are are the given tensors themselves, not copies.
 *
 * @throws RangeError when a parameter that `config` needs is not there or has another shape.
 */
export function fuseParameters(unfused: ViTParameters<Float>, config: ViTConfig): ViTParameters<Float> {
  const byPath = new Map(treeEntries<Float>(unfused, isHostTensor));
  return buildParameters<Float>(config, {
    make: (path, shape) => lookUp(byPath, path, shape),
    concat: concatenate,
    sum: sumOf,
  });
}

/**
 * The parameters of a model of `config`, with every projection by itself: what {@link unfusedConfig} describes. The
 * bias of a fused output goes to the MLP where it has biases, and that of the attention output is then zero.
 *
 * @throws RangeError when a parameter that `config` needs is not there or has another shape.
 */
export function unfuseParameters(fused: ViTParameters<Float>, config: ViTConfig): ViTParameters<Float> {
  const byPath = new Map(treeEntries<Float>(fused, isHostTensor));
  for (const [name, block] of Object.entries(fused.encoder)) {
    for (const [path, part] of slices(block, config)) byPath.set(`encoder/${name}/${path}`, part);
  }
  const isMerged = (path: string) =>
    config.fusedOutput && config.biases.mlp && /^encoder.*attention\/output\/bias$/.test(path);
  return buildParameters<Float>(unfusedConfig(config), {
    make: (path, shape) => (isMerged(path) ? hostTensor("float32", shape) : lookUp(byPath, path, shape)),
    concat: concatenate,
    sum: sumOf,
  });
}

function lookUp(byPath: ReadonlyMap<string, Float>, path: string, shape: readonly number[]): Float {
  const found = byPath.get(path);
  if (found === undefined || found.shape.join() !== shape.join()) {
    const given = found === undefined ? "is missing" : `has shape [${found.shape}]`;
    throw new RangeError(
      `parameter ${path} ${given}; the configuration needs shape [${shape}]; pass the one that they were made for`,
    );
  }
  return found;
}

/** Parts of a block's fused parameters under their unfused paths. */
function slices(block: BlockParameters<Float>, { width, mlpWidth, biases }: ViTConfig): [string, Float][] {
  const parts: [string, Float][] = [];
  const qkv = (of: Float | undefined, axis: number, leaf: string) => {
    if (of === undefined) return;
    for (const [index, name] of ["query", "key", "value"].entries()) {
      parts.push([`attention/${name}/${leaf}`, slice(of, axis, index * width, (index + 1) * width)]);
    }
  };
  qkv(block.attention?.qkv?.kernel, 1, "kernel");
  qkv(block.attention?.qkv?.bias, 0, "bias");
  if (block.in !== undefined) {
    qkv(block.in.kernel, 1, "kernel");
    qkv(block.in.qkv_bias, 0, "bias");
    parts.push(["mlp/in/kernel", slice(block.in.kernel, 1, 3 * width, 3 * width + mlpWidth)]);
    if (block.in.mlp_bias !== undefined) parts.push(["mlp/in/bias", block.in.mlp_bias]);
  }
  if (block.out !== undefined) {
    parts.push(["attention/output/kernel", slice(block.out.kernel, 0, 0, width)]);
    parts.push(["mlp/out/kernel", slice(block.out.kernel, 0, width, width + mlpWidth)]);
    if (block.out.bias !== undefined)
      parts.push([`${biases.mlp ? "mlp/out" : "attention/output"}/bias`, block.out.bias]);
  }
  return parts;
}
