import type { DeviceTensor, graph } from "@vitscale/core";

/** The values of a program while it runs: each is disposed of when its last reader has read it, unless it is kept. */
export class Values {
  readonly #tensors = new Map<graph.Node, DeviceTensor>();
  readonly #reads: Map<graph.Node, number>;

  /**
   * @param reads how often each value will be read
   * @param kept values that are not ours to dispose of
   */
  constructor(
    reads: ReadonlyMap<graph.Node, number>,
    readonly kept: ReadonlySet<graph.Node>,
  ) {
    this.#reads = new Map(reads);
  }

  has(node: graph.Node): boolean {
    return this.#tensors.has(node);
  }

  get(node: graph.Node): DeviceTensor {
    const tensor = this.#tensors.get(node);
    if (!tensor) throw new Error(`internal: ${node.operation} was read before it was computed`);
    return tensor;
  }

  set(node: graph.Node, tensor: DeviceTensor): void {
    this.#tensors.set(node, tensor);
    if (!this.#reads.has(node)) this.#letGo(node);
  }

  wasRead(node: graph.Node): void {
    const left = (this.#reads.get(node) ?? 0) - 1;
    this.#reads.set(node, left);
    if (left <= 0) this.#letGo(node);
  }

  /** After a failure: disposes of all that is ours. */
  free(): void {
    for (const [node, tensor] of this.#tensors) if (!this.kept.has(node)) tensor.dispose();
  }

  #letGo(node: graph.Node): void {
    if (!this.kept.has(node)) this.#tensors.get(node)?.dispose();
  }
}
