import type { EvaluationView } from "../../../shared/evaluation.ts";
import { HeatMap } from "../../charts/heat-map.tsx";
import { formatNumber } from "../../model/format.ts";
import { Conditions } from "./conditions.tsx";
import { Confusion } from "./confusion.tsx";
import { ImageSet } from "./image-set.tsx";
import { Reliability } from "./reliability.tsx";
import { ResultTable } from "./result-table.tsx";
import { ShapeBias } from "./shape-bias.tsx";
import { Subgroups } from "./subgroups.tsx";
import { TradeOff } from "./trade-off.tsx";

const wideKinds: readonly string[] = ["confusion", "images", "subgroups"];

/** One view of an evaluation with its title. @param run whose folder pictures are in */
export function EvaluationPart({ view, run }: { readonly view: EvaluationView; readonly run: string }) {
  // A table of a few columns needs no more than half of the page.
  const isWide = view.kind === "table" ? view.columns.length > 4 : wideKinds.includes(view.kind);
  return (
    <figure class={isWide ? "card wide" : "card"} aria-label={view.title}>
      <figcaption class="card-head">
        <span class="card-title">{view.title}</span>
      </figcaption>
      <Drawing view={view} run={run} />
      {view.note !== "" && <p class="card-note">{view.note}</p>}
    </figure>
  );
}

function Drawing({ view, run }: { readonly view: EvaluationView; readonly run: string }) {
  switch (view.kind) {
    case "shape-bias":
      return <ShapeBias {...view} />;
    case "conditions":
      return <Conditions {...view} />;
    case "table":
      return <ResultTable {...view} />;
    case "reliability":
      return <Reliability {...view} />;
    case "trade-off":
      return <TradeOff {...view} />;
    case "subgroups":
      return <Subgroups {...view} />;
    case "confusion":
      return <Confusion {...view} run={run} />;
    case "heat":
      return (
        <HeatMap
          title={view.title}
          rows={view.rows.map((name, index) => ({ name, values: view.values[index] ?? [] }))}
          columns={view.columns}
          format={(value) => `${formatNumber(value, 3)}${view.unit === "" ? "" : ` ${view.unit}`}`}
          formatEnd={(value) => formatNumber(value, 3)}
        />
      );
    case "images":
      return <ImageSet name={view.title} images={view.images} run={run} />;
    default:
      return view satisfies never;
  }
}
