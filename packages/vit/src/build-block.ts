import type { Layers, Leaves } from "./build-layers.ts";
import type { ViTConfig } from "./config.ts";
import type { BlockParameters, FusedInputParameters, LinearParameters } from "./parameters.ts";

/** Parameters of the block at `path`, of the kind and fusion that the configuration asks for. */
export function buildBlock<T>(
  config: ViTConfig,
  layers: Layers<T>,
  leaves: Leaves<T>,
  path: string,
): BlockParameters<T> {
  const build = config.block === "parallel" ? parallelBlock : sequentialBlock;
  return build(config, layers, leaves, path);
}

/** Norm, attention; norm, MLP. */
function sequentialBlock<T>(
  { biases, fusedInput }: ViTConfig,
  layers: Layers<T>,
  leaves: Leaves<T>,
  path: string,
): BlockParameters<T> {
  const { query, key, value } = layers.projections(`${path}/attention`, biases.qkv);
  return {
    attention_norm: layers.norm(`${path}/attention_norm`),
    attention: {
      ...(fusedInput ? { qkv: sideBySide([query, key, value], leaves) } : { query, key, value }),
      ...layers.qkNorms(`${path}/attention`),
      output: layers.attentionOutput(`${path}/attention`, biases.attentionOutput),
    },
    mlp_norm: layers.norm(`${path}/mlp_norm`),
    mlp: { in: layers.mlpIn(`${path}/mlp`, biases.mlp), out: layers.mlpOut(`${path}/mlp`, biases.mlp) },
  };
}

/** One norm; attention and MLP beside each other, their inputs and outputs in one matrix each where fused. */
function parallelBlock<T>(
  { biases, fusedInput, fusedOutput }: ViTConfig,
  layers: Layers<T>,
  leaves: Leaves<T>,
  path: string,
): BlockParameters<T> {
  const { query, key, value } = layers.projections(`${path}/attention`, biases.qkv);
  const mlpIn = layers.mlpIn(`${path}/mlp`, biases.mlp);
  const output = layers.attentionOutput(`${path}/attention`, biases.attentionOutput);
  const mlpOut = layers.mlpOut(`${path}/mlp`, biases.mlp);
  const attention = {
    ...(!fusedInput && { query, key, value }),
    ...layers.qkNorms(`${path}/attention`),
    ...(!fusedOutput && { output }),
  };
  const mlp = { ...(!fusedInput && { in: mlpIn }), ...(!fusedOutput && { out: mlpOut }) };
  return {
    norm: layers.norm(`${path}/norm`),
    ...(fusedInput && { in: fuseInput(sideBySide([query, key, value], leaves), mlpIn, leaves) }),
    ...(Object.keys(attention).length > 0 && { attention }),
    ...(Object.keys(mlp).length > 0 && { mlp }),
    ...(fusedOutput && { out: fuseOutput(output, mlpOut, leaves) }),
  };
}

function sideBySide<T>(parts: readonly LinearParameters<T>[], leaves: Leaves<T>): LinearParameters<T> {
  const kernels = parts.map(({ kernel }) => kernel);
  const offsets = biasesOf(parts);
  return { kernel: leaves.concat(kernels, 1), ...(offsets.length > 0 && { bias: leaves.concat(offsets, 0) }) };
}

function fuseInput<T>(
  qkv: LinearParameters<T>,
  mlpIn: LinearParameters<T>,
  leaves: Leaves<T>,
): FusedInputParameters<T> {
  return {
    kernel: leaves.concat([qkv.kernel, mlpIn.kernel], 1), // [width, 3·width + mlpWidth]
    ...(qkv.bias !== undefined && { qkv_bias: qkv.bias }),
    ...(mlpIn.bias !== undefined && { mlp_bias: mlpIn.bias }),
  };
}

function fuseOutput<T>(
  output: LinearParameters<T>,
  mlpOut: LinearParameters<T>,
  leaves: Leaves<T>,
): LinearParameters<T> {
  const offsets = biasesOf([output, mlpOut]);
  return {
    kernel: leaves.concat([output.kernel, mlpOut.kernel], 0), // [width + mlpWidth, width]
    ...(offsets.length > 0 && { bias: leaves.sum(offsets) }),
  };
}

function biasesOf<T>(parts: readonly LinearParameters<T>[]): T[] {
  return parts.flatMap(({ bias }) => (bias === undefined ? [] : [bias]));
}
