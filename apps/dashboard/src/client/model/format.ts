import type { Scalar } from "../../shared/api.ts";

/** A number in at most `digits` significant digits, without a tail of zeros; thin spaces between thousands. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    const [mantissa, exponent] = value.toExponential(Math.max(0, digits - 2)).split("e") as [string, string];
    return `${trim(mantissa)}e${exponent.replace("+", "")}`.replaceAll("-", "−");
  }
  if (Number.isInteger(value) || size >= 10 ** digits) return thousands(Math.round(value));
  return trim(value.toPrecision(digits)).replace("-", "−");
}

/** A number short enough for a tick: 12k, 3.4M, 5e-6. */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  for (const [unit, suffix] of units) {
    if (size >= unit) return `${trim((value / unit).toPrecision(3))}${suffix}`.replace("-", "−");
  }
  if (size !== 0 && size < 1e-3) return formatNumber(value, 3);
  return trim(value.toPrecision(3)).replace("-", "−");
}

const units = [
  [1e21, "Z"],
  [1e18, "E"],
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** Seconds as people say them: 340 ms, 12 s, 3 min, 2 h 05, 3 d 4 h. */
export function formatDuration(seconds: number): string {
  if (seconds === 0) return "0 s";
  if (seconds < 1) return `${formatNumber(1000 * seconds, 3)} ms`;
  if (seconds < 60) return `${formatNumber(seconds, seconds < 10 ? 2 : 3)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${`${minutes % 60}`.padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago, from milliseconds since 1970. */
export function formatAgo(at: number, now = Date.now()): string {
  const seconds = (now - at) / 1000;
  if (seconds < -60) return "in the future";
  if (seconds < 5) return "now";
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(at).toISOString().slice(0, 10);
}

/** Bytes in binary units. */
export function formatBytes(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(names.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${formatNumber(bytes / 1024 ** power, 3)} ${names[power]}`;
}

/** A share of 0 … 1 as a percentage. */
export const formatPercent = (share: number, digits = 3) => `${formatNumber(100 * share, digits)} %`;

/** A value of a column as its cell shows it; an empty text for nothing. */
export function formatCell(column: string, value: Scalar | undefined): string {
  if (value === null && column.startsWith("metric.")) return notFinite;
  if (value === undefined || value === null) return "";
  if (typeof value !== "number") return `${value}`;
  if (column === "started" || column === "updated") return formatAgo(value);
  if (column === "duration") return formatDuration(value);
  if (column === "progress") return formatPercent(Math.min(1, value), 2);
  return column.startsWith("metric.") ? formatMetric(column, value) : formatNumber(value);
}

/** What stands where the last value of a metric is NaN or infinite. */
const notFinite = "not finite";

/**
 * A metric in its unit, as far as the name tells it; null is a value that is not finite. Numbers beneath one another keep their zeros:
 * 1.570 above 1.241.
 */
export function formatMetric(name: string, value: number | null): string {
  if (value === null) return notFinite;
  const inUnit = formatUnit(name, value);
  if (inUnit !== undefined) return inUnit;
  const size = Math.abs(value);
  const isPlain = !Number.isInteger(value) && size >= 1e-4 && size < 1e4;
  return isPlain ? value.toPrecision(4).replace("-", "−") : formatNumber(value);
}

/** A metric's value at a tick of an axis: as short as it can be. */
export const formatTick = (name: string, value: number) => formatUnit(name, value) ?? formatNumber(value);

/** A spread of a metric, in its unit: two digits are what few runs can tell. */
export const formatDeviation = (name: string, value: number) => formatUnit(name, value) ?? formatNumber(value, 2);

function formatUnit(name: string, value: number): string | undefined {
  if (name.endsWith("-bytes")) return formatBytes(value);
  if (name.endsWith("-ms")) return formatDuration(value / 1000);
  return /(\/|^)(top1|top5|accuracy|mfu)$/.test(name) ? formatPercent(value) : undefined;
}

const trim = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

const thousands = (value: number) =>
  Math.abs(value) < 10_000
    ? `${value}`.replace("-", "−")
    : `${value}`.replace("-", "−").replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** A run's name where several may have the same: seeds of different sweeps do. */
export const nameWithGroup = ({ name, group }: { readonly name: string; readonly group: string }) =>
  group === "" ? name : `${name} · ${group}`;
