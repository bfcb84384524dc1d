import { signal } from "@preact/signals";
import { useMemo, useRef, useState } from "preact/hooks";
import type { Axis } from "../../shared/api.ts";
import { formatDuration, formatShort } from "../model/format.ts";
import { Axes } from "./axes.tsx";
import { type Cursor, readAt, Tooltip } from "./cursor.tsx";
import { timeTicks } from "./scales.ts";
import { describe, pathsOf, type Series, scalesOf } from "./series.ts";
import { useWidth } from "./use-size.ts";

/** A chart of lines over a common x. */
export interface LineChartProps {
  readonly title: string;
  readonly series: readonly Series[];
  readonly height: number;
  readonly axis: Axis | "value";
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly from?: number | null;
  readonly to?: number | null;
  readonly formatY: (value: number) => string;
  /** For the ticks, where they are shorter than the values at the cursor. */
  readonly formatTickY?: (value: number) => string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** Draws a dot at every point: for measurements that are few. */
  readonly dots?: boolean;
  /** The axis of y begins at 0: for shares and parts of a sum. */
  readonly startAtZero?: boolean;
  /** A range of x was drawn, or taken back (null). */
  readonly onZoom?: (range: readonly [number, number] | null) => void;
}

/** x that the pointer or the keyboard is at, shared by all charts of the page. */
const cursorX = signal<number | undefined>(undefined);
/** The chart whose tooltip is open. */
const cursorChart = signal("");

const margin = { top: 14, right: 12, bottom: 28, left: 52 };

/** Axis values as people read them. */
export function formatAxis(axis: Axis | "value", value: number): string {
  if (axis === "time") return formatDuration(value);
  return formatShort(value);
}

/**
 * Lines over x, as SVG: drag zooms, double-click takes it back; with the keyboard the arrows move the cursor, + and − zoom around it,
 * 0 takes it back.
 */
export function LineChart(props: LineChartProps) {
  const {
    title,
    series,
    height,
    axis,
    logX = false,
    logY = false,
    from,
    to,
    formatY,
    formatTickY,
    xLabel,
    yLabel,
    dots,
    startAtZero = false,
    onZoom,
  } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const [drag, setDrag] = useState<readonly [number, number] | undefined>();
  const dragStart = useRef<number | undefined>(undefined);
  const bottom = height - margin.bottom - (xLabel === undefined ? 0 : 16);
  const inner = { ...margin, bottom: height - bottom };

  const { x, y } = useMemo(
    () =>
      scalesOf(series, {
        ...{ left: margin.left, right: width - margin.right, top: margin.top, bottom },
        ...{ logX, logY, from, to, startAtZero },
      }),
    [series, width, bottom, logX, logY, from, to, startAtZero],
  );
  const paths = useMemo(() => series.map((one) => ({ ...one, ...pathsOf(one, x, y) })), [series, x, y]);

  const at = cursorX.value;
  const isInside = at !== undefined && at >= x.domain[0] && at <= x.domain[1];
  const isActive = cursorChart.value === title;
  const readings = isInside ? readAt(series, at) : [];
  const cursor: Cursor | undefined = isInside && readings.length > 0 ? { x: readings[0]!.x, readings } : undefined;

  const pixel = (event: PointerEvent) => event.clientX - ref.current!.getBoundingClientRect().left;
  const clamp = (at: number) => Math.min(width - margin.right, Math.max(margin.left, at));
  const move = (event: PointerEvent) => {
    const at = clamp(pixel(event));
    cursorX.value = x.invert(at);
    cursorChart.value = title;
    if (dragStart.current !== undefined) setDrag([Math.min(dragStart.current, at), Math.max(dragStart.current, at)]);
  };
  const press = (event: PointerEvent) => {
    if (onZoom === undefined || event.button !== 0) return;
    dragStart.current = clamp(pixel(event));
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };
  const release = () => {
    dragStart.current = undefined;
    if (drag !== undefined && drag[1] - drag[0] > 6) onZoom?.([x.invert(drag[0]), x.invert(drag[1])]);
    setDrag(undefined);
  };
  const leave = () => {
    if (dragStart.current !== undefined) return;
    cursorX.value = undefined;
    cursorChart.value = "";
  };

  const keys = (event: KeyboardEvent) => {
    const [low, high] = [x(x.domain[0]), x(x.domain[1])];
    const here = x(isInside ? at : x.domain[0]);
    const step = (high - low) / 50;
    const zoom = (factor: number) => {
      const reach = ((high - low) * factor) / 2;
      onZoom?.([x.invert(Math.max(low, here - reach)), x.invert(Math.min(high, here + reach))]);
    };
    const actions: Record<string, () => void> = {
      ArrowLeft: () => point(Math.max(low, here - step)),
      ArrowRight: () => point(Math.min(high, here + step)),
      Home: () => point(low),
      End: () => point(high),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => onZoom?.(widened(x.domain, x.isLog)),
      "0": () => onZoom?.(null),
      Escape: leave,
    };
    const point = (pixel: number) => {
      cursorX.value = x.invert(pixel);
      cursorChart.value = title;
    };
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };

  const clip = `clip-${title.replace(/\W+/g, "-")}-${height}`;
  return (
    <div class="chart" ref={ref}>
      {width > 0 && (
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          class={onZoom ? "plot zoomable" : "plot"}
          role="img"
          aria-label={`${title}: ${describe(series, formatY)}`}
          tabIndex={0}
          onPointerMove={move}
          onPointerDown={press}
          onPointerUp={release}
          onPointerCancel={release}
          onPointerLeave={leave}
          onBlur={leave}
          onDblClick={() => onZoom?.(null)}
          onKeyDown={keys}
        >
          <clipPath id={clip}>
            <rect
              x={margin.left}
              y={margin.top - 4}
              width={Math.max(0, width - margin.left - margin.right)}
              height={bottom - margin.top + 5}
            />
          </clipPath>
          {/* What is still awaited has no range yet. */}
          {series.length > 0 && (
            <Axes
              {...{ x, y, width, height }}
              formatY={formatTickY ?? formatY}
              margin={inner}
              formatX={(value) => formatAxis(axis, value)}
              {...(axis === "time" &&
                !x.isLog && { xTicks: timeTicks(...x.domain, Math.max(2, Math.floor(width / 110))) })}
              {...(xLabel !== undefined && { xLabel })}
              {...(yLabel !== undefined && { yLabel })}
            />
          )}
          <g clip-path={`url(#${clip})`}>
            {paths.map(
              ({ key, bandPath, color, isStacked }) =>
                bandPath && <path key={key} class={isStacked ? "band stacked" : "band"} d={bandPath} fill={color} />,
            )}
            {paths.map(
              ({ key, rawPath, color }) => rawPath && <path key={key} class="raw" d={rawPath} stroke={color} />,
            )}
            {paths.map(({ key, path, color }) => (
              <path key={key} class="line" d={path} stroke={color} />
            ))}
            {paths.map(({ key, line, color }) =>
              dots || line.x.length === 1
                ? line.x.map(
                    (at, i) =>
                      line.y[i] !== null && (
                        <circle key={`${key}${at}`} class="dot" cx={x(at)} cy={y(line.y[i]!)} r={3} fill={color} />
                      ),
                  )
                : null,
            )}
            {paths.map(
              ({ key, brokenAt, color }) =>
                brokenAt !== undefined && (
                  <g key={key} class="broken" transform={`translate(${x(brokenAt)},0)`}>
                    <line y1={margin.top} y2={bottom} stroke={color} />
                    <text x={4} y={margin.top + 8} fill={color}>
                      not a number
                    </text>
                  </g>
                ),
            )}
          </g>
          {cursor && (
            <g class="cursor">
              <line x1={x(cursor.x)} x2={x(cursor.x)} y1={margin.top} y2={bottom} />
              {cursor.readings.map(({ key, y: value, color }) => (
                <circle key={key} cx={x(cursor.x)} cy={y(value)} r={3.5} fill={color} />
              ))}
            </g>
          )}
          {drag && (
            <rect class="selection" x={drag[0]} y={margin.top} width={drag[1] - drag[0]} height={bottom - margin.top} />
          )}
        </svg>
      )}
      {cursor && isActive && (
        <Tooltip
          {...{ cursor, width }}
          left={x(cursor.x)}
          title={formatAxis(axis, cursor.x)}
          isSmoothed={series.some(({ isSmoothed }) => isSmoothed === true)}
          format={formatY}
        />
      )}
    </div>
  );
}

function widened([low, high]: readonly [number, number], isLog: boolean): [number, number] {
  if (isLog) return [low / Math.sqrt(high / low), high * Math.sqrt(high / low)];
  return [low - (high - low) / 2, high + (high - low) / 2];
}
