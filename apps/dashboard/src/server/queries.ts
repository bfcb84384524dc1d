import type { Annotation, Axis, CurvesQuery, HeatQuery } from "../shared/api.ts";
import { finite, isObject, type JsonObject, list, text } from "../shared/json.ts";
import { longestNote } from "./annotations.ts";
import { RequestError } from "./reply.ts";

const axes: readonly Axis[] = ["step", "examples", "time", "flops"];
const most = { runs: 10_000, metrics: 2000, points: 20_000 };

/** A query for curves from a request's body. @throws RequestError that names the field at fault */
export function curvesQuery(body: unknown): CurvesQuery {
  const query = object(body);
  const [from, to] = [finite(query.from), finite(query.to)];
  const smoothing = finite(query.smoothing) ?? 0;
  if (smoothing < 0 || smoothing >= 1) throw wrong("smoothing", "a number from 0 to below 1");
  const groups = list(query.groups).map((group) => {
    const { name, runs } = object(group);
    return { name: text(name), runs: texts(runs, "groups.runs", most.runs) };
  });
  return {
    runs: texts(query.runs, "runs", most.runs),
    metrics: texts(query.metrics, "metrics", most.metrics),
    axis: axisOf(query.axis),
    points: count(query.points, "points"),
    logX: query.logX === true,
    smoothing,
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(groups.length > 0 && { groups }),
  };
}

/** A query for a heat map. @throws RequestError that names the field at fault */
export function heatQuery(body: unknown): HeatQuery {
  const query = object(body);
  return {
    run: text(query.run),
    metrics: texts(query.metrics, "metrics", most.metrics),
    axis: axisOf(query.axis),
    columns: count(query.columns, "columns"),
  };
}

/** A star and a note. @throws RequestError that names the field at fault */
export function annotationOf(body: unknown): Annotation & { readonly run: string } {
  const { run, star, note } = object(body);
  if (typeof run !== "string") throw wrong("run", "the id of a run");
  if (typeof star !== "boolean") throw wrong("star", "true or false");
  if (typeof note !== "string" || note.length > longestNote)
    throw wrong("note", `text of ${longestNote} characters at most`);
  return { run, star, note };
}

/** Ids of runs. @throws RequestError when the body has none */
export const runsOf = (body: unknown) => texts(object(body).runs, "runs", most.runs);

const wrong = (field: string, rule: string) => new RequestError(400, `"${field}" must be ${rule}`);

function object(value: unknown): JsonObject {
  if (!isObject(value)) throw new RequestError(400, "the request must carry an object");
  return value;
}

function texts(value: unknown, field: string, limit: number): readonly string[] {
  const isRight =
    Array.isArray(value) && value.length <= limit && value.every((element) => typeof element === "string");
  if (!isRight) throw wrong(field, `a list of at most ${limit} names`);
  return value;
}

function count(value: unknown, field: string): number {
  const isRight = typeof value === "number" && Number.isInteger(value) && value > 0 && value <= most.points;
  if (!isRight) throw wrong(field, `a whole number from 1 to ${most.points}`);
  return value;
}

function axisOf(value: unknown): Axis {
  const axis = axes.find((axis) => axis === value);
  if (axis === undefined) throw wrong("axis", `one of ${axes.join(", ")}`);
  return axis;
}
