import { qkNormLength, type ViTConfig } from "./config.ts";
import { type Distribution, lecunNormal, normal, xavierUniform } from "./distributions.ts";
import type { AttentionParameters, LinearParameters, NormParameters } from "./parameters.ts";

/** How the leaves of a parameter tree come about: drawn, counted, looked up in another tree or in a checkpoint. */
export interface Leaves<T> {
  /** The parameter called `path` in the unfused model. */
  make(path: string, shape: readonly number[], distribution: Distribution): T;
  /** Parts joined along an axis, for fused kernels and biases. */
  concat(parts: readonly T[], axis: number): T;
  /** The sum of parts of one shape, for the bias of a fused output. */
  sum(parts: readonly T[]): T;
}

/** Query, key and value projections, each [width, width]. */
export interface Projections<T> {
  readonly query: LinearParameters<T>;
  readonly key: LinearParameters<T>;
  readonly value: LinearParameters<T>;
}

/** Makers of the layers that models are put together from; every `path` is where the layer is in the unfused tree. */
export interface Layers<T> {
  /** A norm over `length` features (the model's width unless given). */
  norm(path: string, length?: number, hasBias?: boolean): NormParameters<T>;
  /** Norms of queries and keys, over one head's width or over all heads'; empty without QK norm. */
  qkNorms(path: string): Pick<AttentionParameters<T>, "query_norm" | "key_norm">;
  projections(path: string, hasBias: boolean): Projections<T>;
  attentionOutput(path: string, hasBias: boolean): LinearParameters<T>;
  mlpIn(path: string, hasBias: boolean): LinearParameters<T>;
  mlpOut(path: string, hasBias: boolean): LinearParameters<T>;
  /** [patchSide²·channels, width]; a row is a pixel of the patch (row, column, channel; channel fastest). */
  patch(): LinearParameters<T>;
  classifier(): LinearParameters<T>;
}

type Shape2 = readonly [fanIn: number, fanOut: number];

const zeros: Distribution = { kind: "constant", value: 0 };
const ones: Distribution = { kind: "constant", value: 1 };
const tiny = normal(1e-6);
const xavier = ([fanIn, fanOut]: Shape2) => xavierUniform(fanIn, fanOut);
const lecun = ([fanIn]: Shape2) => lecunNormal(fanIn);

/**
 * Layer makers for a configuration, with big_vision's initial distributions: Xavier-uniform attention and MLP kernels,
 * MLP biases N(0, 1e-6²), LeCun-normal patch kernel, zeros for other biases, ones for scales. Attention kernels are
 * Xavier-uniform as flat [width, width] matrices, each by itself, also where they are stored side by side.
 */
export function layers<T>(config: ViTConfig, leaves: Leaves<T>): Layers<T> {
  const { width, mlpWidth, patchSide, channels, classes, biases } = config;
  const bias = (path: string, length: number, distribution: Distribution | false) =>
    distribution === false ? {} : { bias: leaves.make(`${path}/bias`, [length], distribution) };
  const linear = (
    path: string,
    shape: Shape2,
    kernel: (shape: Shape2) => Distribution,
    offset: Distribution | false,
  ): LinearParameters<T> => ({
    kernel: leaves.make(`${path}/kernel`, shape, kernel(shape)),
    ...bias(path, shape[1], offset),
  });
  const square = (path: string, hasBias: boolean) => linear(path, [width, width], xavier, hasBias && zeros);
  const norm = (path: string, length = width, hasBias = biases.norm): NormParameters<T> => ({
    scale: leaves.make(`${path}/scale`, [length], ones),
    ...bias(path, length, hasBias && zeros),
  });
  return {
    norm,
    qkNorms: (path) =>
      config.qkNorm === "none"
        ? {}
        : {
            query_norm: norm(`${path}/query_norm`, qkNormLength(config), biases.qkNorm),
            key_norm: norm(`${path}/key_norm`, qkNormLength(config), biases.qkNorm),
          },
    projections: (path, hasBias) => ({
      query: square(`${path}/query`, hasBias),
      key: square(`${path}/key`, hasBias),
      value: square(`${path}/value`, hasBias),
    }),
    attentionOutput: (path, hasBias) => square(`${path}/output`, hasBias),
    mlpIn: (path, hasBias) => linear(`${path}/in`, [width, mlpWidth], xavier, hasBias && tiny),
    mlpOut: (path, hasBias) => linear(`${path}/out`, [mlpWidth, width], xavier, hasBias && tiny),
    patch: () => linear("patch", [patchSide ** 2 * channels, width], lecun, biases.patch && zeros),
    classifier: () =>
      linear(
        "head",
        [width, classes],
        config.headKernel === "zeros" ? () => zeros : lecun,
        biases.head && { kind: "constant", value: config.headBias },
      ),
  };
}
