/**
 * A directed network with capacities, for which a minimum cut between two nodes is found by Dinic's algorithm. Nodes
 * are numbers from 0; an infinite capacity is an arc that no cut may cross.
 */
export class Network {
  /** Arcs in pairs: arc `i ^ 1` is the reverse of arc `i`, with the capacity that flow has freed. */
  readonly #to: number[] = [];
  readonly #capacity: number[] = [];
  readonly #arcs: number[][] = [];

  /** Adds a node and returns its number. */
  node(): number {
    return this.#arcs.push([]) - 1;
  }

  arc(from: number, to: number, capacity: number): void {
    this.#arcs[from]?.push(this.#to.push(to) - 1);
    this.#capacity.push(capacity);
    this.#arcs[to]?.push(this.#to.push(from) - 1);
    this.#capacity.push(0);
  }

  /**
   * The nodes on the sink's side of the minimum cut that lies nearest to the sink. Arcs from others to these are the cut.
   *
   * @throws Error when every path crosses only infinite arcs somewhere, so that there is no finite cut.
   */
  sinkSide(source: number, sink: number): ReadonlySet<number> {
    this.#saturate(source, sink);
    const side = new Set([sink]);
    const stack = [sink];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      for (const arc of this.#arcs[node] ?? []) {
        const before = this.#to[arc] as number;
        if ((this.#capacity[arc ^ 1] as number) > 0 && !side.has(before)) {
          side.add(before);
          stack.push(before);
        }
      }
    }
    return side;
  }

  #saturate(source: number, sink: number): void {
    for (;;) {
      const level = this.#levels(source);
      if (level[sink] === -1) return;
      const next = new Int32Array(this.#arcs.length);
      while (this.#augment(source, sink, level, next)) {
        // Every augmenting path of this level graph is taken before distances are measured anew.
      }
    }
  }

  /** Distances from the source along arcs with room, −1 for what cannot be reached. */
  #levels(source: number): Int32Array {
    const level = new Int32Array(this.#arcs.length).fill(-1);
    level[source] = 0;
    const queue = [source];
    for (const node of queue) {
      for (const arc of this.#arcs[node] as number[]) {
        const to = this.#to[arc] as number;
        if ((this.#capacity[arc] as number) > 0 && level[to] === -1) {
          level[to] = (level[node] as number) + 1;
          queue.push(to);
        }
      }
    }
    return level;
  }

  /** Sends flow along one shortest path; whether there was one. */
  #augment(source: number, sink: number, level: Int32Array, next: Int32Array): boolean {
    const path: number[] = [];
    let node = source;
    while (node !== sink) {
      const arcs = this.#arcs[node] as number[];
      const at = next[node] as number;
      const arc = arcs[at];
      if (arc === undefined) {
        // A dead end: step back, and do not come here again.
        const last = path.pop();
        if (last === undefined) return false;
        node = this.#to[last ^ 1] as number;
        next[node] = (next[node] as number) + 1;
        continue;
      }
      const to = this.#to[arc] as number;
      if ((this.#capacity[arc] as number) > 0 && level[to] === (level[node] as number) + 1) {
        path.push(arc);
        node = to;
      } else next[node] = at + 1;
    }
    const flow = Math.min(...path.map((arc) => this.#capacity[arc] as number));
    if (flow === Number.POSITIVE_INFINITY)
      throw new Error("internal: no finite cut separates the source from the sink");
    for (const arc of path) {
      this.#capacity[arc] = (this.#capacity[arc] as number) - flow;
      this.#capacity[arc ^ 1] = (this.#capacity[arc ^ 1] as number) + flow;
    }
    return true;
  }
}
