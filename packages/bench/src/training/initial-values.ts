import { type HostTensor, hostTensor, isHostTensor, treeMap } from "@vitscale/core";
import type { HostParameters } from "@vitscale/train";
import { init, type ViTConfig } from "@vitscale/vit";

/** Initial values other than those that a model draws, as plain data: a training is known by its description. */
export type InitialValues =
  | {
      /** Scales of the QK norms by which |logit| ≤ size, reached where a query points where a key does. Freeze {@link qkNormScales}. */
      readonly kind: "logit-size";
      readonly size: number;
    }
  | {
      /** Fused kernels of a parallel block by Xavier's rule for the whole matrix, instead of for each of its parts. */
      readonly kind: "xavier-of-whole";
    };

/** Names of the parameters that set how large attention logits can be; for `frozen` of an optimizer. */
export const qkNormScales = ".+/attention/(query|key)_norm/scale";

/**
 * The initial parameters of a model, some of them changed. The same seed draws the same random numbers.
 *
 * @throws RangeError when the model has nothing to be changed.
 */
export function initialValues(values: InitialValues, config: ViTConfig, seed: number): HostParameters {
  let changes = 0;
  const changed = treeMap(
    (tensor: HostTensor<"float32">, name) => {
      const data = dataOf(values, config, name, tensor);
      if (data === undefined) return tensor;
      changes++;
      return hostTensor("float32", tensor.shape, data);
    },
    init(config, seed),
    isHostTensor,
  );
  if (changes > 0) return changed as HostParameters;
  throw new RangeError(
    `a model with QK norm ${config.qkNorm} and a ${config.block} block begins with no ${values.kind}; ` +
      "give a parallel one with RMS QK norm and fused projections",
  );
}

/** Other values of a parameter; nothing where it stays as it is. */
function dataOf(
  values: InitialValues,
  { width, heads, mlpWidth, qkNorm }: ViTConfig,
  name: string,
  { shape, data }: HostTensor<"float32">,
): Float32Array<ArrayBuffer> | undefined {
  if (values.kind === "logit-size") {
    if (qkNorm !== "rms" || !new RegExp(`^${qkNormScales}$`).test(name)) return undefined;
    // Both norms come to √headWidth·scale, and their product is divided by √headWidth.
    return new Float32Array(data.length).fill(Math.sqrt(values.size / Math.sqrt(width / heads)));
  }
  const [, side] = /^encoder\/[^/]+\/(in|out)\/kernel$/.exec(name) ?? [];
  if (side === undefined) return undefined;
  const [rows, columns] = shape as [number, number];
  // Xavier's variance is 2 / (rows + columns). In and out have attention's parts first, [width, width] each.
  const attention = side === "in" ? 3 * width : width;
  return Float32Array.from(data, (value, index) => {
    const place = side === "in" ? index % columns : Math.floor(index / columns);
    return value * Math.sqrt((width + (place < attention ? width : mlpWidth)) / (rows + columns));
  });
}
