import { finite, isObject, type JsonObject, list, text } from "./json.ts";

/** Values that may be missing: a class that was never answered, a group without positives. */
export type Values = readonly (number | null)[];

/** Whoever answered: the model, another model, humans. */
export interface Observer {
  readonly name: string;
  readonly values: Values;
  /** Interval of each value. */
  readonly low?: Values;
  readonly high?: Values;
  readonly overall?: number;
}

/** A picture that an evaluation points to; `path` is below the run's folder. */
export interface EvaluationImage {
  readonly path: string;
  readonly caption: string;
  readonly truth?: string;
  readonly answer?: string;
  readonly confidence?: number;
}

/** What a person should see of an evaluation; docs/dashboard.md describes each kind. */
export type EvaluationView = { readonly title: string; readonly note: string } & (
  | { readonly kind: "shape-bias"; readonly categories: readonly string[]; readonly observers: readonly Observer[] }
  | {
      readonly kind: "conditions";
      readonly conditions: readonly string[];
      readonly x: string;
      readonly y: string;
      readonly observers: readonly Observer[];
    }
  | {
      readonly kind: "table";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly ResultCell[])[];
    }
  | { readonly kind: "reliability"; readonly bins: readonly ReliabilityBin[]; readonly error: number | null }
  | {
      readonly kind: "trade-off";
      readonly x: string;
      readonly y: string;
      readonly series: readonly { readonly name: string; readonly points: readonly TradeOffPoint[] }[];
    }
  | {
      readonly kind: "subgroups";
      readonly groups: readonly string[];
      readonly sizes: Values;
      readonly measures: readonly SubgroupMeasure[];
    }
  | {
      readonly kind: "confusion";
      readonly classes: readonly string[];
      readonly counts: readonly Values[];
      readonly examples: Readonly<Record<string, readonly EvaluationImage[]>>;
    }
  | {
      readonly kind: "heat";
      readonly rows: readonly string[];
      readonly columns: readonly string[];
      readonly values: readonly Values[];
      readonly unit: string;
    }
  | { readonly kind: "images"; readonly images: readonly EvaluationImage[] }
);

/** A measure of every group. */
export interface SubgroupMeasure {
  readonly name: string;
  readonly values: Values;
  readonly gap: number | null;
  /** Which value is the worst. */
  readonly worst: "least" | "greatest" | "none";
}

/** Answers of one stretch of confidence. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** A model or a setting in a trade-off. */
export interface TradeOffPoint {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

/** A cell of a table of results. */
export type ResultCell = string | number | null | Estimate;

/** A measured value and the interval that the true one lies in. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A metric, with the interval that the true value lies in where it is known. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** An evaluation file as the page shows it. */
export interface Evaluation {
  readonly metrics: readonly Measure[];
  readonly views: readonly EvaluationView[];
  /** What the evaluation measures, in a sentence; empty where the file does not say. */
  readonly measures: string;
  /** What a reader of the numbers must know. */
  readonly notes: readonly string[];
  /** Pictures that lie beside the file: their titles, and their paths below the run's folder. */
  readonly plots: readonly { readonly title: string; readonly path: string }[];
  /** Sentences about parts that could not be read. */
  readonly problems: readonly string[];
}

/** Reads an evaluation file; a part of another form is left out and named. */
export function readEvaluation(value: unknown): Evaluation {
  const file = isObject(value) ? value : {};
  const problems: string[] = isObject(value) ? [] : ["the file holds no object"];
  const views = list(file.views).flatMap((view, index): EvaluationView[] => {
    const read = isObject(view) ? readView(view) : undefined;
    if (read !== undefined) return [read];
    const kind = isObject(view) ? text(view.kind, "none") : "none";
    problems.push(`view ${index + 1}, of kind "${kind}", is not one that this version shows`);
    return [];
  });
  const tables = objects(file.tables).map((table) => readView({ ...table, kind: "table" })!);
  const intervals = isObject(file.intervals) ? file.intervals : {};
  const metrics = Object.entries(isObject(file.metrics) ? file.metrics : {});
  return {
    metrics: metrics.flatMap(([name, value]) =>
      measure(name, isObject(value) ? value : { ...interval(intervals[name]), value }),
    ),
    views: [...views, ...tables],
    measures: text(file.measures),
    notes: texts(file.notes),
    plots: objects(file.plots).map(({ title, file }) => ({ title: text(title), path: `evals/${text(file)}` })),
    problems,
  };
}

/** A number with the interval that the true value lies in, where there is one. */
function measure(name: string, { value, low, high }: JsonObject): Measure[] {
  const [number, least, greatest] = [finite(value), finite(low), finite(high)];
  if (number === null) return [];
  const hasInterval = least !== null && greatest !== null && greatest > least;
  return [{ name, value: number, ...(hasInterval && { low: least, high: greatest }) }];
}

const interval = (value: unknown): JsonObject => (isObject(value) ? { low: value.low, high: value.high } : {});

function readView(view: JsonObject): EvaluationView | undefined {
  const head = { title: text(view.title, text(view.kind)), note: text(view.note) };
  switch (view.kind) {
    case "shape-bias":
      return { ...head, kind: view.kind, categories: texts(view.categories), observers: observers(view.observers) };
    case "conditions":
      return {
        ...{ ...head, kind: view.kind, conditions: texts(view.conditions), observers: observers(view.observers) },
        ...{ x: text(view.x, "condition"), y: text(view.y, "accuracy") },
      };
    case "table":
      return {
        ...head,
        kind: view.kind,
        columns: texts(view.columns),
        rows: list(view.rows).map((row) => list(row).map(tableCell)),
      };
    case "reliability":
      return { ...head, kind: view.kind, error: finite(view.error), bins: objects(view.bins).map(bin) };
    case "trade-off":
      return {
        ...{ ...head, kind: view.kind, x: text(view.x), y: text(view.y) },
        series: objects(view.series).map(({ name, points }) => ({
          name: text(name),
          points: objects(points).flatMap(point),
        })),
      };
    case "subgroups":
      return {
        ...{ ...head, kind: view.kind, groups: texts(view.groups), sizes: values(view.sizes) },
        measures: objects(view.measures).map((measure) => ({
          name: text(measure.name),
          values: values(measure.values),
          gap: finite(measure.gap),
          worst: measure.worst === "greatest" || measure.worst === "none" ? measure.worst : "least",
        })),
      };
    case "confusion":
      return {
        ...{ ...head, kind: view.kind, classes: texts(view.classes), counts: list(view.counts).map(values) },
        examples: Object.fromEntries(
          Object.entries(isObject(view.examples) ? view.examples : {}).map(([key, images]) => [
            key,
            objects(images).map(image),
          ]),
        ),
      };
    case "heat":
      return {
        ...{ ...head, kind: view.kind, rows: texts(view.rows), columns: texts(view.columns) },
        ...{ values: list(view.values).map(values), unit: text(view.unit) },
      };
    case "images":
      return { ...head, kind: view.kind, images: objects(view.images).map(image) };
    default:
      return undefined;
  }
}

const texts = (value: unknown) =>
  list(value).map((element) => (typeof element === "number" ? `${element}` : text(element)));
const values = (value: unknown): Values => list(value).map(finite);
const objects = (value: unknown) => list(value).filter(isObject);

function tableCell(value: unknown): ResultCell {
  if (!isObject(value)) return typeof value === "string" ? value : finite(value);
  const [found] = measure("", value);
  if (found === undefined) return null;
  return found.low === undefined ? found.value : { value: found.value, low: found.low, high: found.high! };
}

const observers = (value: unknown): Observer[] =>
  objects(value).map(({ name, values: all, low, high, overall }) => ({
    ...{ name: text(name), values: values(all) },
    ...(low !== undefined && { low: values(low) }),
    ...(high !== undefined && { high: values(high) }),
    ...(finite(overall) !== null && { overall: overall as number }),
  }));

const bin = ({ low, high, count, confidence, accuracy }: JsonObject): ReliabilityBin => ({
  ...{ low: finite(low) ?? 0, high: finite(high) ?? 1, count: finite(count) ?? 0 },
  ...{ confidence: finite(confidence), accuracy: finite(accuracy) },
});

const point = ({ x, y, label }: JsonObject): TradeOffPoint[] => {
  const [left, up] = [finite(x), finite(y)];
  return left === null || up === null ? [] : [{ x: left, y: up, label: text(label) }];
};

const image = ({ path, caption, truth, answer, confidence }: JsonObject): EvaluationImage => ({
  ...{ path: text(path), caption: text(caption) },
  ...(typeof truth === "string" && { truth }),
  ...(typeof answer === "string" && { answer }),
  ...(finite(confidence) !== null && { confidence: confidence as number }),
});
