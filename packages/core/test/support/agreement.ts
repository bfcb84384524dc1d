/** How many calls of each kernel, and of their gradients, gave what eager tfjs-cpu gives, on each engine. */
export class Agreement {
  readonly #counts = new Map<string, { agreeing: number; tried: number }>();

  /** Notes one call of a kernel, or one of its gradients. */
  note(heading: string, kernel: string, aspect: "value" | "gradient", agrees: boolean): void {
    const key = `${heading} ${kernel} ${aspect}`;
    const { agreeing, tried } = this.#counts.get(key) ?? { agreeing: 0, tried: 0 };
    this.#counts.set(key, { agreeing: agreeing + (agrees ? 1 : 0), tried: tried + 1 });
  }

  /** The calls that agreed, and the gradients, as "7 + 4" or "6 of 7"; `undefined` where none was tried. */
  cell(heading: string, kernel: string): string | undefined {
    const counts = (["value", "gradient"] as const).flatMap((aspect) => {
      const count = this.#counts.get(`${heading} ${kernel} ${aspect}`);
      if (count === undefined) return [];
      return [count.agreeing === count.tried ? `${count.tried}` : `${count.agreeing} of ${count.tried}`];
    });
    return counts.length > 0 ? counts.join(" + ") : undefined;
  }
}
