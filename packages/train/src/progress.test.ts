import { expect, it } from "vitest";
import { createProgress, formatDuration, formatNumber } from "./progress.ts";

function recorder(terminal: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  return { written, stream: { ...terminal, write: (text: string) => written.push(text) > 0 } as never };
}

const state = { step: 50, loss: 2.3031, imagesPerSecond: 512.4, mfu: 0.431, dataShare: 0.02, secondsLeft: 200 };

it("writes plain lines where there is no terminal", () => {
  const { written, stream } = recorder();
  const progress = createProgress(200, stream);
  progress.note("engine onnx");
  progress.report(state);
  progress.report({ step: 60, imagesPerSecond: 500 });
  progress.report({ step: 70, imagesPerSecond: 500, mfu: 1.36 });
  progress.end();
  expect(written.join("")).toBe(
    "engine onnx\n" +
      "step 50/200  loss 2.303  512 images/s  ETA 3 min 20 s  MFU 43 %  data wait 2 %\n" +
      "step 60/200  500 images/s  MFU n/a\n" +
      "step 70/200  500 images/s  MFU n/a (busy peak)\n",
  );
});

it("redraws one line on a terminal, keeps notes above it, and never wraps", () => {
  const { written, stream } = recorder({ isTTY: true, columns: 60 });
  const progress = createProgress(200, stream);
  progress.report(state);
  progress.note("val/top1 0.55");
  progress.end();
  const line = "step 50/200  loss 2.303  512 images/s  ETA 3 min 20 s";
  expect(written).toEqual([`\r\u001b[2K${line}`, "\r\u001b[2Kval/top1 0.55\n", `\r\u001b[2K${line}`, "\n"]);
});

it.each([
  [120, "[###-------]  step 50/200  loss 2.303  512 images/s  ETA 3 min 20 s  MFU 43 %  data wait 2 %"],
  [80, "[###-------]  step 50/200  loss 2.303  512 images/s  ETA 3 min 20 s  MFU 43 %"],
  // A terminal that does not know its width says 0; most have 80.
  [0, "[###-------]  step 50/200  loss 2.303  512 images/s  ETA 3 min 20 s  MFU 43 %"],
  // What does not fit is passed over, not the end of the line.
  [50, "step 50/200  loss 2.303  512 images/s  MFU 43 %"],
])("shows what matters most in %i columns", (columns, line) => {
  const { written, stream } = recorder({ isTTY: true, columns });
  createProgress(200, stream).report(state);
  expect(written).toEqual([`\r\u001b[2K${line}`]);
});

it("has room for loss, images/s, ETA and MFU of a run of a million steps and days in 80 columns", () => {
  const { written, stream } = recorder({ isTTY: true, columns: 80 });
  const long = { ...state, step: 123_456, loss: 0.00123, imagesPerSecond: 10_512.4, secondsLeft: 313_000 };
  createProgress(1_000_000, stream).report(long);
  expect(written).toEqual(["\r\u001b[2Kstep 123456/1000000  loss 0.00123  10512 images/s  ETA 3 d 14 h  MFU 43 %"]);
});

it("moves the bar between reports on a terminal, ten times a second at most", () => {
  const { written, stream } = recorder({ isTTY: true, columns: 60 });
  let time = 0;
  const progress = createProgress(200, stream, () => time);
  progress.report({ step: 50 });
  for (time = 20; time <= 220; time += 20) progress.tick(50 + time / 20);
  expect(written.slice(1)).toEqual(["\r\u001b[2K[###-------]  step 55/200", "\r\u001b[2K[###-------]  step 60/200"]);
  const plain = recorder();
  createProgress(200, plain.stream).tick(5);
  expect(plain.written).toEqual([]);
});

it("formats durations in two units", () => {
  const durations = [8.44, 59.6, 200, 3600, 7500, 273_600, Number.NaN].map(formatDuration);
  expect(durations).toEqual(["8.4 s", "1 min", "3 min 20 s", "1 h", "2 h 5 min", "3 d 4 h", "?"]);
});

it("formats numbers in four digits", () => {
  expect([0, 2.30349, 0.00081, 1234567, -0.5, Number.NaN].map(formatNumber)).toEqual([
    "0",
    "2.303",
    "8.10e-4",
    "1.23e+6",
    "-0.5",
    "NaN",
  ]);
});
