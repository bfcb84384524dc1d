import { type DeviceTensor, type DType, type Engine, tfjsEngine } from "@vitscale/core";

/** A tensor without elements. */
class ShapeTensor implements DeviceTensor {
  readonly engine: Engine = tfjsEngine("cpu");
  readonly isDisposed = false;

  constructor(
    readonly shape: readonly number[],
    readonly dtype: DType,
  ) {}

  async read(): Promise<never> {
    throw new Error(`a ${this.dtype}[${this.shape}] tensor stands for a shape only, and has no values`);
  }

  host(): Promise<never> {
    return this.read();
  }

  dispose(): void {}
}

/** A tensor that has a shape and no elements: stands for a parameter or a batch where a program is only recorded. */
export function shapeOnly(shape: readonly number[], dtype: DType = "float32"): DeviceTensor {
  return new ShapeTensor(shape, dtype);
}
