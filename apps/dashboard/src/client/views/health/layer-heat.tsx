import type { RunSummary } from "../../../shared/api.ts";
import { HeatMap } from "../../charts/heat-map.tsx";
import { formatNumber } from "../../model/format.ts";
import { server } from "../../model/server.ts";
import { useAnswer } from "../../model/use-answer.ts";
import { versionOf } from "../../model/version.ts";
import type { LayerGroup } from "./layers.ts";

/** A measure of every layer over the steps, deepest layer at the top. */
export function LayerHeat({ run, group }: { readonly run: RunSummary; readonly group: LayerGroup }) {
  const metrics = group.metrics.map(({ name }) => name);
  const { value, error } = useAnswer(versionOf([run]) + metrics.join(), () =>
    server.heat({ run: run.id, metrics, axis: "step", columns: 96 }),
  );
  const rows = value?.rows.map(({ values }, index) => ({ name: group.metrics[index]?.layer ?? "", values })) ?? [];
  return (
    <figure class="card" aria-label={group.title}>
      <figcaption class="card-head">
        <span class="card-title">{group.title}</span>
        <span class="card-value dim">by layer over steps</span>
      </figcaption>
      {error !== undefined && <p class="card-note">{error}</p>}
      <HeatMap
        title={group.title}
        rows={rows.toReversed()}
        columns={{ axis: "step", x: value?.x ?? [] }}
        format={(value) => formatNumber(value, 3)}
      />
    </figure>
  );
}
