import { type Table, textsOf } from "../table/index.ts";
import { type ConfusionView, confusionView } from "../views/index.ts";

/** How often each class was answered as each, over rows that come in parts: as many numbers as there are different pairs. */
export class AnswerCounts {
  readonly #times = new Map<number, number>();
  readonly #names: string[];

  constructor(readonly classes: number) {
    this.#names = Array.from({ length: classes }, (_, number) => `${number}`);
  }

  /** Adds rows; names of classes are those of a column `class`, if there is one. */
  add(part: Table, labels: ArrayLike<number>, answers: ArrayLike<number>): void {
    const names = part.columns.get("class")?.kind === "text" ? textsOf(part, "class") : undefined;
    for (let row = 0; row < labels.length; row++) {
      const pair = labels[row]! * this.classes + answers[row]!;
      this.#times.set(pair, (this.#times.get(pair) ?? 0) + 1);
      if (names !== undefined) this.#names[labels[row]!] = names[row]!;
    }
  }

  /** What the dashboard draws of it. */
  view(title: string): ConfusionView {
    const pairs = [...this.#times.keys()];
    return confusionView({
      title,
      classes: this.#names,
      truths: pairs.map((pair) => Math.floor(pair / this.classes)),
      answers: pairs.map((pair) => pair % this.classes),
      times: [...this.#times.values()],
    });
  }
}
