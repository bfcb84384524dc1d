import { bisector } from "d3-array";
import { formatNumber } from "../model/format.ts";
import { Name } from "../parts/name.tsx";
import type { Series } from "./series.ts";

/** What a line shows at the cursor. */
export interface Reading {
  readonly key: string;
  readonly label: string;
  readonly color: string;
  readonly x: number;
  readonly y: number;
  /** What to print, where it is not `y`: a part of a sum. */
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
}

/** The place that a chart's cursor is at. */
export interface Cursor {
  readonly x: number;
  readonly readings: readonly Reading[];
}

const nearest = bisector((x: number) => x);

/** The point of each line that is nearest in x; lines that end before are left out. Greatest value first. */
export function readAt(series: readonly Series[], at: number): Reading[] {
  const readings = series.flatMap(({ key, label, color, line, band, isStacked }): Reading[] => {
    const { x, y } = line;
    if (x.length === 0) return [];
    const gap = x.length > 1 ? (x[x.length - 1]! - x[0]!) / (x.length - 1) : 0;
    if (at < x[0]! - gap || at > x[x.length - 1]! + gap) return [];
    const index = nearest.center(x as number[], at);
    const value = y[index];
    if (value === null || value === undefined) return [];
    const part = { key, label, color, x: x[index]!, y: value };
    if (isStacked) return [{ ...part, value: value - (band?.low[index] ?? 0) }];
    const spread = band && { low: band.low[index] ?? value, high: band.high[index] ?? value };
    return [{ ...part, ...spread }];
  });
  return readings.sort((a, b) => b.y - a.y);
}

const mostRows = 12;

/** A chart that is narrower has no room for names and values beside the cursor. */
const roomBeside = 460;

/** The values at the cursor, beside it, or above a narrow chart. */
export function Tooltip(props: {
  readonly cursor: Cursor;
  readonly left: number;
  readonly width: number;
  readonly title: string;
  /** The values are those of smoothed lines. */
  readonly isSmoothed: boolean;
  readonly format: (value: number) => string;
}) {
  const { cursor, left, width, title, isSmoothed, format } = props;
  const place = width < roomBeside ? "above" : left > width / 2 ? "before" : "after";
  const at = { above: undefined, before: `${left - 12}px`, after: `${left + 12}px` }[place];
  return (
    <div class={`tooltip ${place}`} style={at === undefined ? {} : { left: at }} aria-hidden="true">
      <div class="tooltip-title">
        {title}
        {isSmoothed && <small> smoothed</small>}
      </div>
      {cursor.readings.slice(0, mostRows).map(({ key, label, color, y, value = y, low, high }) => (
        <div key={key} class="tooltip-row">
          <span class="swatch" style={{ background: color }} />
          <span class="tooltip-label">
            <Name text={label} />
          </span>
          <span class="tooltip-value">
            {format(value)}
            {low !== undefined && high !== undefined && high > low && (
              <small> ± {formatNumber((high - low) / 2, 2)}</small>
            )}
          </span>
        </div>
      ))}
      {cursor.readings.length > mostRows && (
        <div class="tooltip-more">and {cursor.readings.length - mostRows} more</div>
      )}
    </div>
  );
}
