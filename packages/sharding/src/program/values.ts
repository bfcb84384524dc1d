import type { DeviceTensor, graph } from "@vitscale/core";

/** Values that outlive their readers. */
export interface KeptValues {
  /** Arguments of the caller's: never disposed of. */
  readonly borrowed: ReadonlySet<graph.Node>;
  /** Disposed of only if the program fails. */
  readonly results: ReadonlySet<graph.Node>;
}

/** The values of a program while it runs: each is disposed of when its last reader has read it, unless it is kept. */
export class Values {
  readonly #tensors = new Map<graph.Node, DeviceTensor>();
  readonly #reads: Map<graph.Node, number>;

  /** @param reads how often each value will be read */
  constructor(
    reads: ReadonlyMap<graph.Node, number>,
    readonly kept: KeptValues,
  ) {
    this.#reads = new Map(reads);
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

  /** After a failure: disposes of all that is not the caller's. */
  free(): void {
    for (const node of this.#tensors.keys()) if (!this.kept.borrowed.has(node)) this.#dispose(node);
  }

  #letGo(node: graph.Node): void {
    const { borrowed, results } = this.kept;
    if (!borrowed.has(node) && !results.has(node)) this.#dispose(node);
  }

  /** Arguments that are not borrowed were handed over, which whoever still uses them shall hear. */
  #dispose(node: graph.Node): void {
    this.#tensors.get(node)?.dispose(node.operation === "input" ? "donated" : "disposed of");
  }
}
