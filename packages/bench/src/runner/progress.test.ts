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
  // Half of the first of two claims of equal length took 10 s, so 30 s are left.
  progress.advance(claims[0]!, 0.5, "halfway");
  expect(written.at(-1)).toContain("25/100");
  expect(written.at(-1)).toContain("ETA 30 s");
  expect(written.at(-1)).toContain("[#####---------------]");
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
