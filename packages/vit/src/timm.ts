import { type HostTensor, hostTensor, openSafetensors } from "@vitscale/core";
import { buildParameters } from "./build-parameters.ts";
import { patchGrid, type ViTConfig, type ViTOptions } from "./config.ts";
import { concatenate, permute, slice, sumOf } from "./host-arrays.ts";
import type { ViTParameters } from "./parameters.ts";
import { timmSources } from "./timm-names.ts";

type Float = HostTensor<"float32">;

/** Options that make `vitG(name, …)` the function of timm's `vit_*_patch*_224`. */
export const timmViT = { gelu: "erf", pooling: "tok" } as const satisfies ViTOptions;

/** Options that make `vit22b(name, …)` the function of timm's `vit_*_xp_224`, of `ParallelScalingBlock`s. */
export const timmParallel = {
  ...timmViT,
  embeddingNorm: true,
  biases: { patch: false },
} as const satisfies ViTOptions;

/**
 * The parameters of a timm `VisionTransformer`, as `config` wants them.
 *
 * timm's weights are [out, in] and its patch kernel is [out, channels, row, column]; ours are [in, out]. Where timm's
 * position table has a row for the class token, that row is added to the class token, which is the same function.
 *
 * @throws RangeError that lists every parameter that is missing, has another shape, or is left over.
 */
export function fromTimm(state: Readonly<Record<string, Float>>, config: ViTConfig): ViTParameters<Float> {
  const sourceOf = timmSources(config, new Set(Object.keys(state)));
  const unread = new Set(Object.keys(state));
  const complaints: string[] = [];

  const read = (path: string, shape: readonly number[]): Float | undefined => {
    const source = sourceOf(path);
    if (source === "zeros") return undefined;
    const { name, piece } = source;
    unread.delete(name);
    const whole = state[name];
    if (whole === undefined) {
      complaints.push(`missing: ${name} (our ${path})`);
      return undefined;
    }
    const isShort = piece !== undefined && (whole.shape[piece.axis] ?? 0) < piece.to;
    const part = piece === undefined || isShort ? whole : slice(whole, piece.axis, piece.from, piece.to);
    const ours = inOurLayout(path, part, state, patchGrid(config.imageSide, config.patchSide) ** 2);
    if (isShort || withoutOnes(ours.shape) !== withoutOnes(shape)) {
      complaints.push(`shape: ${name} is [${whole.shape}], which does not give our ${path} [${shape}]`);
      return undefined;
    }
    return hostTensor("float32", shape, ours.data);
  };

  const params = buildParameters<Float>(config, {
    make: (path, shape) => read(path, shape) ?? hostTensor("float32", shape),
    concat: concatenate,
    sum: sumOf,
  });
  complaints.push(...[...unread].map((name) => `unknown: ${name}`));
  if (complaints.length > 0) {
    throw new RangeError(
      `the state dict is not of the configured model; change the configuration or the file:\n  ${complaints.join("\n  ")}`,
    );
  }
  return params;
}

/**
 * {@link fromTimm} of a safetensors file, such as timm's `model.safetensors`; half-precision weights become float32.
 *
 * @throws FileFormatError when it is no such file.
 */
export async function readTimm(path: string, config: ViTConfig): Promise<ViTParameters<Float>> {
  const file = await openSafetensors(path);
  try {
    const state: Record<string, Float> = {};
    for (const name of file.tensors.keys()) {
      const tensor = await file.read(name, { convert: true });
      if (tensor.dtype !== "float32") throw new RangeError(`${path}: ${name} is ${tensor.dtype}; weights are floats`);
      state[name] = tensor as Float;
    }
    return fromTimm(state, config);
  } finally {
    await file.close();
  }
}

/** A tensor of timm as ours, up to axes of length 1. */
function inOurLayout(path: string, tensor: Float, state: Readonly<Record<string, Float>>, patches: number): Float {
  const table = state.pos_embed;
  const hasClassRow = table?.shape[1] === patches + 1;
  if (path === "positions" && hasClassRow) return slice(tensor, 1, 1, patches + 1);
  if (path === "class_token" && hasClassRow) return sumOf([tensor, slice(table, 1, 0, 1)]);
  if (path === "patch/kernel" && tensor.shape.length === 4) {
    const [out, channels, rows, columns] = tensor.shape as [number, number, number, number];
    return hostTensor("float32", [rows * columns * channels, out], permute(tensor, [2, 3, 1, 0]).data);
  }
  return path.endsWith("/kernel") && tensor.shape.length === 2 ? permute(tensor, [1, 0]) : tensor;
}

function withoutOnes(shape: readonly number[]): string {
  return shape.filter((dim) => dim !== 1).join();
}
