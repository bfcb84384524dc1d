import { type Claim, defineClaim } from "../claim.ts";
import { atMostRule } from "../rules.ts";

/** What a fake claim does: the values of its two cells, and what happens before the second. */
export interface FakeOptions {
  readonly name?: string;
  readonly version?: number;
  readonly values?: readonly [number, number];
  /** Whether its aim holds on any machine. */
  readonly isExact?: boolean;
  readonly beforeSecond?: () => void;
  /** Called with the name of each cell that is really measured. */
  readonly onMeasure?: (cell: string) => void;
}

const rule = atMostRule(10);

/** A claim that measures nothing, in two cells, and leaves a run record. */
export function fakeClaim({
  name = "fake",
  version = 1,
  values = [9, 11],
  isExact = false,
  beforeSecond = () => {},
  onMeasure = () => {},
}: FakeOptions = {}): Claim {
  return defineClaim<{ rounds: number }, number[]>({
    ...{ name, version, title: "a claim about nothing", seconds: { quick: 10, full: 100 } },
    statements: {
      paper: {
        kind: "paper",
        says: "Nothing is fast",
        source: "Nobody 2023 §1",
        printed: "9 | 10 ms",
        rule: "always seen",
      },
      aim: {
        kind: "aim",
        isExact,
        says: "Nothing takes 10 ms",
        source: "on any machine",
        printed: "at most 10 ms",
        rule: rule.text,
      },
    },
    plan: (scale) => ({ rounds: scale === "quick" ? 1 : 2 }),
    async measure(plan, bench) {
      const record = bench.record("run", { config: plan, seed: 0, steps: 1 });
      const first = await bench.cell("first", async () => {
        onMeasure("first");
        return values[0];
      });
      beforeSecond();
      bench.signal.throwIfAborted();
      bench.progress(0.5, "halfway");
      const second = await bench.cell("second", async () => {
        onMeasure("second");
        return values[1];
      });
      record.log(1, { "time/nothing-ms": first });
      record.update({ status: "finished", step: 1 });
      return [first, second];
    },
    judge: (measured) => ({
      paper: { measured: `${measured[0]} ms`, verdict: "reproduced" },
      aim: { measured: `${measured.join(", ")} ms`, verdict: rule.verdict(measured) },
    }),
    tables: (measured) => [
      {
        title: "Times",
        columns: ["round", "ms"],
        rows: measured.map((value, index) => [`${index}`, `${value}`]),
        note: "Invented.",
      },
    ],
  });
}
