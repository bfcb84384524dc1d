import type { DataOf, DeviceTensor, DType, Engine, HostTensor, TensorEnd } from "@vitscale/core";

/** A tensor of a mesh engine: this rank's part, in the memory of the engine that computes. */
export class MeshTensor implements DeviceTensor {
  constructor(
    readonly engine: Engine,
    readonly local: DeviceTensor,
  ) {}

  get dtype(): DType {
    return this.local.dtype;
  }

  get shape(): readonly number[] {
    return this.local.shape;
  }

  get isDisposed(): boolean {
    return this.local.isDisposed;
  }

  read(): Promise<DataOf> {
    return this.local.read();
  }

  host(): Promise<HostTensor> {
    return this.local.host();
  }

  dispose(end?: TensorEnd): void {
    this.local.dispose(end);
  }
}
