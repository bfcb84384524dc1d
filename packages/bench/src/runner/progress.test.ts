import { expect, it } from "vitest";
import { fakeClaim } from "../testing/fake-claim.ts";
import { benchProgress } from "./progress.ts";

/** A stream that keeps what is written, and a clock that is set by hand. */
function display(isTTY: boolean) {
  const written: string[] = [];
  const clock = { seconds: 0 };
  const claims = [fakeClaim({ name: "a" }), fakeClaim({ name: "b" })];
  const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) > 0 };
  return { written, clock, claims, progress: benchProgress(claims, "quick", stream, () => 1000 * clock.seconds) };
}

it("estimates what is left from the time that the finished part took", () => {
  const { written, clock, claims, progress } = display(true);
  progress.begin(claims[0]!);
  clock.seconds = 10;
  // 5 of 20 expected seconds took 10: (10 + 30) / (5 + 30) of the expectation for the 15 that are left.
  progress.advance(claims[0]!, 0.5, "halfway");
  expect(written.at(-1)).toContain("25/100");
  expect(written.at(-1)).toContain("ETA 17 s");
  expect(written.at(-1)).toContain("[###-------]");
});

it("without a terminal prints a line now and then, not one for each sample", () => {
  const { written, clock, claims, progress } = display(false);
  progress.begin(claims[0]!);
  for (let second = 1; second <= 45; second++) {
    clock.seconds = second;
    progress.advance(claims[0]!, second / 50, `sample ${second}`);
  }
  const lines = written
    .join("")
    .split("\n")
    .filter((line) => line.includes("sample"));
  expect(lines).toEqual(["  … sample 20", "  … sample 40"]);
});

it("counts a claim that was measured earlier as no work", () => {
  const { written, clock, claims, progress } = display(true);
  progress.skip(claims[0]!, "measured earlier");
  clock.seconds = 5;
  progress.advance(claims[1]!, 0.5, "halfway");
  expect(written.at(-1)).toContain("50/100");
});

it("does not take what was measured earlier for speed", () => {
  const { written, clock, claims, progress } = display(true);
  progress.begin(claims[0]!);
  clock.seconds = 1;
  // Half of the first claim was there: 15 expected seconds are left of all, and nothing has been learnt of the machine.
  progress.reuse();
  progress.advance(claims[0]!, 0.5, "the second half");
  expect(written.at(-1)).toContain("0/100");
  expect(written.at(-1)).toContain("ETA 16 s");
  clock.seconds = 6;
  progress.advance(claims[0]!, 1, "done");
  expect(written.at(-1)).toContain("33/100");
});
