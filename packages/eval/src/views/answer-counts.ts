import { confusionView } from "./confusion.ts";
import type { ConfusionView } from "./view.ts";

/** How often each class was answered as each, over rows that come in parts: as many numbers as there are different pairs. */
export class AnswerCounts {
  readonly #times = new Map<number, number>();
  readonly #names: string[];

  /** @param names of the classes, where they are known beforehand; else their numbers, and what {@link add} is told */
  constructor(
    readonly classes: number,
    names: readonly string[] = Array.from({ length: classes }, (_, number) => `${number}`),
  ) {
    this.#names = [...names];
  }

  /**
   * Adds rows.
   *
   * @param truths [rows] classes; rows of a negative one do not count
   * @param answers [rows] classes; negative where none was answered
   * @param names [rows] of the true classes, where the rows have some
   */
  add(truths: ArrayLike<number>, answers: ArrayLike<number>, names?: readonly string[]): void {
    for (let row = 0; row < truths.length; row++) {
      const truth = truths[row]!;
      if (truth < 0) continue;
      const pair = truth * (this.classes + 1) + Math.max(answers[row]!, -1) + 1;
      this.#times.set(pair, (this.#times.get(pair) ?? 0) + 1);
      if (names !== undefined) this.#names[truth] = names[row]!;
    }
  }

  /** What the dashboard draws of it. */
  view(title: string): ConfusionView {
    const pairs = [...this.#times.keys()];
    return confusionView({
      title,
      classes: this.#names,
      truths: pairs.map((pair) => Math.floor(pair / (this.classes + 1))),
      answers: pairs.map((pair) => (pair % (this.classes + 1)) - 1),
      times: [...this.#times.values()],
    });
  }
}
