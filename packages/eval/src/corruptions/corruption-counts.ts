import { didYouMean } from "@vitscale/core";
import { type Estimate, wilsonInterval } from "../statistics/index.ts";
import { numbersOf, type Table, TableError, textsOf } from "../table/index.ts";

/** The name of images as they are. */
export const clean = "clean";

/** The four kinds of the benchmark: more than a dozen lines would not be told apart. */
export const kinds: Readonly<Record<string, readonly string[]>> = {
  noise: ["gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise"],
  blur: ["defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "gaussian_blur"],
  weather: ["snow", "frost", "fog", "brightness", "spatter"],
  digital: ["contrast", "elastic_transform", "pixelate", "jpeg_compression", "saturate"],
};

/** Names of the corruptions that ImageNet-C has, the four for validation among them. */
const known = Object.values(kinds).flat();

/** Accuracies of one corruption, by severity. */
export type Curve = Map<number, Estimate>;

/** Right answers by corruption and severity, over rows that come in parts. */
export class CorruptionCounts {
  readonly #counts = new Map<string, Map<number, { right: number; rows: number }>>();
  #rows = 0;

  /** Rows that were added. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Adds rows, by their columns `corruption` and `severity`.
   *
   * @param isRight [rows] 1 where the answer is right, else 0
   * @returns [rows] the severity, 0 of clean images
   * @throws TableError naming the row of an unknown corruption, or of a severity that is none
   */
  add(part: Table, isRight: ArrayLike<number>): Int8Array {
    const given = givenSeverities(part);
    const severities = new Int8Array(part.length);
    for (const [row, text] of textsOf(part, "corruption").entries()) {
      const name = text === "" ? clean : text;
      severities[row] = severityOf(name, given[row]!, part.name, row);
      const bySeverity = this.#counts.get(name) ?? new Map<number, { right: number; rows: number }>();
      this.#counts.set(name, bySeverity);
      const count = bySeverity.get(severities[row]!) ?? { right: 0, rows: 0 };
      bySeverity.set(severities[row]!, count);
      count.right += isRight[row]!;
      count.rows++;
    }
    this.#rows += part.length;
    return severities;
  }

  /** Accuracies by corruption, in the order in which they came first, and by rising severity. */
  curves(): Map<string, Curve> {
    return new Map(
      [...this.#counts].map(([name, bySeverity]) => {
        const ordered = [...bySeverity].sort(([a], [b]) => a - b);
        return [name, new Map(ordered.map(([severity, { right, rows }]) => [severity, wilsonInterval(right, rows)]))];
      }),
    );
  }
}

/** The column `severity`; of a file that begins with many clean images, whose cells are empty, it is a column of texts. */
function givenSeverities(part: Table): ArrayLike<number> {
  if (part.columns.get("severity")?.kind !== "text") return numbersOf(part, "severity");
  return textsOf(part, "severity").map((text) => (text.trim() === "" ? Number.NaN : Number(text)));
}

function severityOf(name: string, given: number, table: string, row: number): number {
  if (name !== clean && !known.includes(name)) {
    throw new TableError(
      table,
      `there is no corruption "${name}"${didYouMean(name, known)}; there are ${known.join(", ")}, and ${clean}`,
      row,
    );
  }
  // Of clean images an empty cell is as good as 0.
  const severity = name === clean && Number.isNaN(given) ? 0 : given;
  const isValid = name === clean ? severity === 0 : Number.isInteger(severity) && severity >= 1 && severity <= 5;
  if (isValid) return severity;
  throw new TableError(table, `corruption "${name}" at severity ${severity}; give 1 to 5, and 0 for clean images`, row);
}
