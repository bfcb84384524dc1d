import type { RefObject } from "preact";
import type { Series } from "../../charts/series.ts";
import { download, textFile } from "../../export/download.ts";
import { savePng, saveSvg, standaloneSvg } from "../../export/svg.ts";
import { shown } from "../../model/selection.ts";
import { csvUrl, failure } from "../../model/server.ts";
import { Icon } from "../../parts/icon.tsx";
import { Popover } from "../../parts/popover.tsx";

/** Takes a chart away: its data at full resolution or as drawn, and the drawing. */
export function ExportMenu(props: {
  readonly metric: string;
  readonly series: readonly Series[];
  readonly chart: RefObject<HTMLDivElement | null>;
}) {
  const { metric, series, chart } = props;
  const drawing = () => {
    const svg = chart.current?.querySelector("svg");
    if (!svg) throw new Error("the chart is not drawn yet");
    return standaloneSvg(svg, metric, series);
  };
  const attempt = (task: () => void | Promise<void>) => async () => {
    try {
      await task();
    } catch (error) {
      failure.value = (error as Error).message;
    }
  };
  return (
    <Popover label={`Export ${metric}`} class="icon-button" align="end" button={<Icon name="export" />}>
      {(close) => (
        <div
          class="menu"
          // After the link has been followed: one that is gone leads nowhere.
          onClick={() => setTimeout(close)}
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
          }}
        >
          <a
            href={csvUrl(
              shown.value.map(({ id }) => id),
              [metric],
            )}
            download
          >
            CSV <small>every point</small>
          </a>
          <button
            type="button"
            onClick={attempt(() =>
              download(
                `${metric}.json`,
                textFile(JSON.stringify(linesOf(metric, series), null, 1), "application/json"),
              ),
            )}
          >
            JSON <small>as drawn</small>
          </button>
          <button type="button" onClick={attempt(() => saveSvg(metric, drawing()))}>
            SVG
          </button>
          <button type="button" onClick={attempt(() => savePng(metric, drawing()))}>
            PNG
          </button>
        </div>
      )}
    </Popover>
  );
}

const linesOf = (metric: string, series: readonly Series[]) => ({
  metric,
  lines: series.map(({ key, line, raw, band }) => ({ run: key, ...line, ...(raw && { raw }), ...band })),
});
