import { useRef, useState } from "preact/hooks";
import type { RunSummary } from "../../shared/api.ts";
import { address, go } from "../model/address.ts";
import { formatMetric } from "../model/format.ts";
import { clearChoice, colors, listed, shown, toggleRun } from "../model/selection.ts";
import { runs } from "../model/server.ts";
import { Search } from "./controls.tsx";
import { Icon } from "./icon.tsx";
import { Name } from "./name.tsx";
import { Status } from "./status.tsx";

/** Names on one line, and on two where some need them: all rows of a list are of one height. */
const rowHeights = { short: 44, tall: 60 };
/** Characters that surely fit on a line of the panel. */
const lineLength = 25;

/** The runs beside a view: which of them it shows, and in which colours. */
export function RunPanel({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const visible = new Set(shown.value.map(({ id }) => id));
  const { filter, runs: chosen, only } = address.value;
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const height = box.current?.clientHeight ?? 800;
  const isNarrow = only && chosen.length > 0;
  const all = isNarrow ? shown.value : listed.value;
  const rowHeight = rowHeights[all.some(({ name }) => name.length > lineLength) ? "tall" : "short"];
  const first = Math.max(0, Math.floor(top / rowHeight) - 6);
  const rows = all.slice(first, first + Math.ceil(height / rowHeight) + 12);
  return (
    <aside class={isOpen ? "panel open" : "panel"} aria-label="Runs">
      <div class="panel-head">
        <Search
          label="Filter runs"
          placeholder="Filter: word, key:value, loss<2"
          value={filter}
          id="filter"
          onInput={(filter) => go({ filter })}
        />
        <button type="button" class="icon-button panel-close" aria-label="Close the list of runs" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div class="panel-summary">
        <span>
          {visible.size} of {runs.value.size} shown
        </span>
        {chosen.length > 0 && (
          <span class="panel-actions">
            <button type="button" class="link" aria-pressed={isNarrow} onClick={() => go({ only: !only })}>
              {isNarrow ? "list all" : "only these"}
            </button>
            <button type="button" class="link" onClick={clearChoice}>
              clear
            </button>
          </span>
        )}
      </div>
      <div class="panel-rows" ref={box} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
        <ul style={{ height: `${all.length * rowHeight}px` }}>
          {rows.map((run, index) => (
            <PanelRow
              key={run.id}
              run={run}
              place={{ top: (first + index) * rowHeight, height: rowHeight }}
              isShown={visible.has(run.id)}
            />
          ))}
        </ul>
      </div>
    </aside>
  );
}

function PanelRow({
  run,
  place: { top, height },
  isShown,
}: {
  readonly run: RunSummary;
  readonly place: { readonly top: number; readonly height: number };
  readonly isShown: boolean;
}) {
  const color = colors.value.byRun.get(run.id) ?? "transparent";
  const [metric] = Object.entries(run.metrics)
    .filter(([name]) => /\/(top1|loss)$/.test(name))
    .sort(byMerit);
  return (
    <li
      class={isShown ? "panel-row shown" : "panel-row"}
      style={{ transform: `translateY(${top}px)`, height: `${height}px` }}
    >
      <label title={run.id}>
        <input
          type="checkbox"
          checked={isShown}
          onChange={() => toggleRun(run.id)}
          style={{ accentColor: isShown ? color : "" }}
        />
        <span class="swatch" style={{ background: isShown ? color : "transparent" }} />
        <span class="panel-name">
          <span class="panel-title">
            {run.star && <Icon name="star" filled />}
            <span class="panel-text">{run.name}</span>
          </span>
          <span class="panel-fact">
            <span class="panel-where">
              <Status status={run.status} short={run.status === "finished"} />
              <Name text={run.group} />
            </span>
            {metric && (
              <span>
                {metric[0]} {formatMetric(...metric)}
              </span>
            )}
          </span>
        </span>
      </label>
    </li>
  );
}

/** Accuracy before loss, evaluation before training. */
function byMerit([a]: [string, unknown], [b]: [string, unknown]): number {
  const rank = (name: string) => (name.endsWith("top1") ? 0 : name.startsWith("train/") ? 2 : 1);
  return rank(a) - rank(b);
}
