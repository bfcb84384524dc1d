import type { Writable } from "node:stream";

/** A stream to show progress on; a terminal has `isTTY` and `columns`. */
export type ProgressStream = Pick<Writable, "write"> & { readonly isTTY?: boolean; readonly columns?: number };

/** What the loop knows after some steps. Unknown values are left out. */
export interface ProgressState {
  readonly step: number;
  readonly loss?: number;
  readonly imagesPerSecond?: number;
  /**
   * Model FLOP/s over those of the best large product measured; undefined prints n/a, never a guess. Above 1 the machine was busy whenever
   * the peak was measured, which is then said, "busy peak", in place of a number.
   */
  readonly mfu?: number | undefined;
  /** Share of the time that the step waited for data, 0 … 1. */
  readonly dataShare?: number;
  readonly secondsLeft?: number;
}

/** Shows how far a run is: one line that is redrawn on a terminal, a line for each report elsewhere. */
export interface Progress {
  /** Shows the state. */
  report(state: ProgressState): void;
  /** Moves the bar to a step, with the other facts as they were; on a terminal only, and at most ten times a second. */
  tick(step: number): void;
  /** Prints a line that stays. */
  note(text: string): void;
  /** Ends the redrawn line. */
  end(): void;
}

/** A terminal that does not know its width says that it has no columns. */
const widthUnknown = 80;

const clearLine = "\r\u001b[2K";

/** A progress display over a run of `steps` steps. */
export function createProgress(
  steps: number,
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const isLive = stream.isTTY === true;
  let shown = "";
  let state: ProgressState = { step: 0 };
  let drawn = -Infinity;
  const draw = (line: string) => {
    shown = line;
    stream.write(`${clearLine}${line}`);
  };
  const show = (next: ProgressState) => {
    state = next;
    drawn = now();
    if (isLive) draw(fit(state, steps, stream.columns || widthUnknown));
    else stream.write(`${[...describe(state, steps), ...describeData(state)].join("  ")}\n`);
  };
  return {
    report: show,
    tick(step) {
      if (isLive && now() - drawn >= 100) show({ ...state, step });
    },
    note(text) {
      if (!isLive) return void stream.write(`${text}\n`);
      stream.write(`${clearLine}${text}\n`);
      if (shown !== "") draw(shown);
    },
    end() {
      if (isLive && shown !== "") stream.write("\n");
      shown = "";
    },
  };
}

/** Seconds in the two largest units that matter: `8.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const units = [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ] as const;
  const first = units.findIndex(([, size]) => whole >= size);
  const [name, size] = units[first]!;
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[1]);
  return `${Math.floor(whole / size)} ${name}${rest > 0 ? ` ${rest} ${next![0]}` : ""}`;
}

/** A number in at most four significant digits, or with the exponent that small rates need. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return `${value}`;
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e6 ? value.toExponential(2) : `${Number(value.toPrecision(4))}`;
}

/** What everyone asks of a run, the most important first: where it is, how well it learns, how fast, how long still. */
function describe({ step, loss, imagesPerSecond, mfu, secondsLeft }: ProgressState, steps: number): string[] {
  const facts = [`step ${step}/${steps}`];
  if (loss !== undefined) facts.push(`loss ${formatNumber(loss)}`);
  if (imagesPerSecond !== undefined) facts.push(`${Math.round(imagesPerSecond)} images/s`);
  if (secondsLeft !== undefined) facts.push(`ETA ${formatDuration(secondsLeft)}`);
  if (imagesPerSecond !== undefined) facts.push(`MFU ${describeUtilisation(mfu)}`);
  return facts;
}

/** What only those ask who look for the bottleneck. */
function describeData({ dataShare }: ProgressState): string[] {
  return dataShare === undefined ? [] : [`data wait ${percent(dataShare)}`];
}

function describeUtilisation(mfu: number | undefined): string {
  if (mfu === undefined) return "n/a";
  return mfu > 1 ? "n/a (busy peak)" : percent(mfu);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function bar(share: number, width: number): string {
  const full = Math.round(width * Math.min(1, Math.max(0, share)));
  return `[${"#".repeat(full)}${"-".repeat(width - full)}]`;
}

/** A bar and the facts, as many as fit into the columns, chosen by importance: a wrapped line could not be redrawn. */
function fit(state: ProgressState, steps: number, columns: number): string {
  const lead = bar(state.step / steps, 10);
  let room = columns - 1;
  const byImportance = [...describe(state, steps), lead, ...describeData(state)];
  const shown = byImportance.filter((fact) => {
    const fits = fact.length <= room;
    if (fits) room -= fact.length + 2;
    return fits;
  });
  return [...shown.filter((fact) => fact === lead), ...shown.filter((fact) => fact !== lead)].join("  ");
}
