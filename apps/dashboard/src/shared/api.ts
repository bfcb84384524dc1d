/** What server and page say to each other. Everything here is JSON; a number that JSON lacks is null. */

/** `killed` is a run that says `running` but has been silent for longer than a live process is; `unreadable` has a damaged `run.json`. */
export type RunStatus = "running" | "finished" | "interrupted" | "failed" | "killed" | "unreadable";

/** A value of a configuration as a table shows it. */
export type Scalar = string | number | boolean | null;

/** What lists and tables show of a run. */
export interface RunSummary {
  /** Path of its folder below the served one, with `/` between parts. */
  readonly id: string;
  readonly name: string;
  /** The sweep that it belongs to: the record's group, or else the folder that holds it; empty for neither. */
  readonly group: string;
  readonly status: RunStatus;
  readonly step: number;
  readonly steps: number;
  /** Milliseconds since 1970; null when unknown. */
  readonly started: number | null;
  readonly updated: number | null;
  readonly seed: number | null;
  /** The configuration flattened to dotted keys, such as `model.width`. */
  readonly config: Readonly<Record<string, Scalar>>;
  /** Last values by name, evaluations' summary and the last rows of metrics; null where the last one is NaN or infinite. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly star: boolean;
  readonly note: string;
  /** Sentences about what is damaged, missing or odd. */
  readonly problems: readonly string[];
}

/** Everything a list shows; `live` events bring the same for runs that changed. */
export interface RunList {
  /** Name of the served folder; not its path, which saved pages would carry along. */
  readonly folder: string;
  readonly runs: readonly RunSummary[];
  /** About the folder as a whole. */
  readonly problems: readonly string[];
}

/** Runs that are new or other than before, and ids of runs that are gone. */
export interface RunChanges {
  readonly changed: readonly RunSummary[];
  readonly gone: readonly string[];
  readonly problems: readonly string[];
  /** Whether a report of the benchmark is new, other than before, or gone. */
  readonly areReportsOther: boolean;
}

/** An evaluation file of a run. */
export interface EvaluationFile {
  /** Path below the run's folder. */
  readonly path: string;
  readonly name: string;
  readonly step: number;
}

/** A picture of a run. */
export interface MediaFile {
  readonly path: string;
  /** File name without step and extension; what the gallery groups by. */
  readonly name: string;
  /** null where the file name has none. */
  readonly step: number | null;
}

/** A line of `events.jsonl`. */
export interface RunEvent {
  readonly time: number | null;
  readonly step: number | null;
  readonly kind: string;
  readonly text: string;
}

/** One run in full. */
export interface RunDetail {
  readonly id: string;
  /** `run.json` as it is; null when it cannot be read. */
  readonly info: unknown;
  readonly evaluations: readonly EvaluationFile[];
  readonly media: readonly MediaFile[];
  readonly events: readonly RunEvent[];
  readonly metricNames: readonly string[];
  readonly problems: readonly string[];
}

/** What a curve is drawn over. `time` is seconds of training: gaps between a kill and a resume do not count. */
export type Axis = "step" | "examples" | "time" | "flops";

/** Curves of some metrics of some runs, down-sampled to what a chart can show. */
export interface CurvesQuery {
  readonly runs: readonly string[];
  readonly metrics: readonly string[];
  readonly axis: Axis;
  /** The range of x that is visible; everything by default. */
  readonly from?: number;
  readonly to?: number;
  /** Points per curve at most. */
  readonly points: number;
  /** Buckets of equal width in log x. */
  readonly logX?: boolean;
  /** 0 … 0.999: weight of the past over a thousandth of x, in a debiased exponential average; 0 for none. */
  readonly smoothing: number;
  /** Runs that are shown as one line with a band; their single curves are then left out. */
  readonly groups?: readonly { readonly name: string; readonly runs: readonly string[] }[];
}

/** A polyline; equal lengths; a null in `y` is a gap. */
export interface Line {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/** A metric of a run. */
export interface Curve {
  readonly run: string;
  /** As recorded; where there are more points than asked for, the least and the greatest of each bucket. */
  readonly raw: Line;
  /** Absent without smoothing. */
  readonly smooth?: Line;
  /** Points recorded in all. */
  readonly count: number;
  /** Where values are NaN or infinite: the first x, and how many. */
  readonly nonFinite?: { readonly first: number; readonly count: number };
}

/** Mean and spread of the runs of a group. */
export interface Band {
  readonly group: string;
  readonly x: readonly number[];
  readonly mean: readonly (number | null)[];
  /** Mean ± one standard deviation over runs (n − 1); equal to the mean where there is one run. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  readonly runs: number;
  /** Where members have values that are NaN or infinite, and count for nothing: the first x, and how many runs. */
  readonly nonFinite?: { readonly first: number; readonly runs: number };
}

/** The answer to a {@link CurvesQuery}. */
export interface CurvesAnswer {
  readonly metrics: readonly {
    readonly name: string;
    readonly curves: readonly Curve[];
    readonly bands: readonly Band[];
  }[];
  /** Runs that have no such x axis, and why. */
  readonly missing: readonly { readonly run: string; readonly why: string }[];
}

/** Metrics of one run as a heat map: a row a metric, a column a stretch of x. */
export interface HeatQuery {
  readonly run: string;
  readonly metrics: readonly string[];
  readonly axis: Axis;
  readonly columns: number;
}

/** Means of each cell; null where nothing was recorded or nothing finite. */
export interface HeatAnswer {
  /** Middle of each column. */
  readonly x: readonly number[];
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** A report of the benchmark. */
export interface ReportFile {
  /** Path below the served folder; names the report in links. */
  readonly path: string;
  /** Folder of its run records below the served one. */
  readonly runs: string;
  readonly started: string;
  readonly scale: string;
  readonly status: string;
}

/** A star or a note. */
export interface Annotation {
  readonly star: boolean;
  readonly note: string;
}
