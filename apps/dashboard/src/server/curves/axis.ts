import type { Axis } from "../../shared/api.ts";
import { isObject, type JsonObject } from "../../shared/json.ts";
import type { MetricTable, Series } from "../metric-table.ts";

/** How many examples and how many FLOPs one step takes; null where the record does not say. */
export interface StepCost {
  readonly examples: number | null;
  readonly flops: number | null;
}

/**
 * The cost of a step, from `run.json`: `config.batchSize` examples, and `flopsPerStep` where the record has it. Otherwise the model's
 * FLOPs follow from its shape.
 */
export function stepCost(info: unknown): StepCost {
  const record = isObject(info) ? info : {};
  const config = isObject(record.config) ? record.config : {};
  const examples = positive(config.batchSize) ?? positive(config.batch);
  const flops = positive(record.flopsPerStep);
  if (flops !== null) return { examples, flops };
  const image = isObject(config.model) ? imageFlops(config.model) : null;
  return { examples, flops: image !== null && examples !== null ? image * examples : null };
}

/**
 * Model FLOPs of one training image, forward and backward (Chowdhery et al. 2022, appendix B): 6 for each parameter of the matrices a
 * token, and 12·L·T·D for the attention scores of depth L, T tokens, width D.
 */
function imageFlops(model: JsonObject): number | null {
  const [width, depth, mlpWidth] = [positive(model.width), positive(model.depth), positive(model.mlpWidth)];
  const [imageSide, patchSide] = [positive(model.imageSide), positive(model.patchSide)];
  if (width === null || depth === null || mlpWidth === null || imageSide === null || patchSide === null) return null;
  const tokens = (imageSide / patchSide) ** 2;
  const weights =
    depth * (4 * width ** 2 + 2 * width * mlpWidth) + (positive(model.channels) ?? 3) * patchSide ** 2 * width;
  return tokens * (6 * weights + 12 * depth * tokens * width);
}

const positive = (value: unknown) => (typeof value === "number" && value > 0 && Number.isFinite(value) ? value : null);

/** x of each point of a series; undefined where the record does not give this axis. */
export function axisValues(table: MetricTable, series: Series, axis: Axis, cost: StepCost): Float64Array | undefined {
  const rows = series.rows.values;
  const valueAt = axisOf(table, axis, cost);
  return valueAt && Float64Array.from(rows, valueAt);
}

/** How far x goes from the first point of a series to its last; 0 where the record does not give this axis. */
export function axisLength(table: MetricTable, series: Series, axis: Axis, cost: StepCost): number {
  const rows = series.rows.values;
  const valueAt = axisOf(table, axis, cost);
  return valueAt === undefined || rows.length === 0 ? 0 : valueAt(rows[rows.length - 1]!) - valueAt(rows[0]!);
}

/** x of a row of a table. */
function axisOf(table: MetricTable, axis: Axis, cost: StepCost): ((row: number) => number) | undefined {
  const factor = { step: 1, time: 1, examples: cost.examples, flops: cost.flops }[axis];
  if (factor === null) return undefined;
  const source = axis === "time" ? table.seconds.values : table.steps.values;
  return (row) => factor * source[row]!;
}
