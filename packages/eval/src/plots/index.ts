export { type Axis, type ChartSpec, chart } from "./chart.ts";
export type { Mark, Point } from "./marks.ts";
export { band, linear, logarithmic, type NumberScaleOptions, type Place, type Scale as AxisScale } from "./scale.ts";
