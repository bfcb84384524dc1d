import type { EvaluationView } from "../../../shared/evaluation.ts";
import { Plot } from "../../charts/plot.tsx";
import { useWidth } from "../../charts/use-size.ts";
import { formatNumber, formatPercent } from "../../model/format.ts";

const margin = { top: 12, right: 16, bottom: 40, left: 48 };
const countsHeight = 52;

/** Accuracy over confidence with the gap to the diagonal, and beneath it how many answers each stretch has. */
export function Reliability({ bins, error, title }: Extract<EvaluationView, { kind: "reliability" }>) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const side = Math.max(120, Math.min(width - margin.left - margin.right, 300));
  // In the middle of a wide card.
  const left = Math.max(margin.left, (width - side) / 2);
  const x = (value: number) => left + value * side;
  const y = (value: number) => margin.top + (1 - value) * side;
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const base = margin.top + side + 14 + countsHeight;
  const height = base + margin.bottom - 8;
  return (
    <Plot
      place={ref}
      width={width}
      height={height}
      label={`${title}: expected calibration error ${error === null ? "unknown" : formatNumber(error)}`}
    >
      {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
        <g key={tick}>
          <line class="grid" x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
          <text class="tick" x={x(0) - 8} y={y(tick)} dy="0.32em" text-anchor="end">
            {formatNumber(tick, 2)}
          </text>
          <text class="tick" x={x(tick)} y={base + 16} text-anchor="middle">
            {formatNumber(tick, 2)}
          </text>
        </g>
      ))}
      {bins.map(({ low, high, count, confidence, accuracy }) => {
        const gap = Math.max(0.6, x(high) - x(low) - 2);
        return (
          <g key={low}>
            <rect
              class="count-bar"
              x={x(low) + 1}
              width={gap}
              y={base - (count / most) * countsHeight}
              height={(count / most) * countsHeight}
            >
              <title>{`${count} answers of confidence ${formatNumber(low, 3)} to ${formatNumber(high, 3)}`}</title>
            </rect>
            {accuracy !== null && confidence !== null && count > 0 && (
              <>
                <rect class="accuracy-bar" x={x(low) + 1} width={gap} y={y(accuracy)} height={y(0) - y(accuracy)}>
                  <title>{`accuracy ${formatPercent(accuracy)}, confidence ${formatPercent(confidence)}, ${count} answers`}</title>
                </rect>
                <rect
                  class={accuracy < confidence ? "gap-bar over" : "gap-bar under"}
                  x={x(low) + 1}
                  width={gap}
                  y={Math.min(y(accuracy), y(confidence))}
                  height={Math.abs(y(accuracy) - y(confidence))}
                />
              </>
            )}
          </g>
        );
      })}
      <line class="diagonal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      <text class="axis-label" x={x(0.5)} y={height - 2} text-anchor="middle">
        confidence
      </text>
      <text
        class="axis-label"
        x={left - 38}
        y={y(0.5)}
        text-anchor="middle"
        transform={`rotate(-90 ${left - 38} ${y(0.5)})`}
      >
        accuracy
      </text>
      {error !== null && (
        <text class="reading" x={x(0) + 10} y={y(1) + 20}>
          ECE {formatNumber(error, 3)}
        </text>
      )}
    </Plot>
  );
}
