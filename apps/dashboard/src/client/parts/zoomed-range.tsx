import type { Axis } from "../../shared/api.ts";
import { formatAxis } from "../charts/line-chart.tsx";
import { zoom } from "../model/zoom.ts";
import { Icon } from "./icon.tsx";

/** The range of x that is in sight; a press takes all of it back. Nothing where all is in sight. */
export function ZoomedRange({
  x,
  from,
  to,
}: {
  readonly x: Axis;
  readonly from: number | null;
  readonly to: number | null;
}) {
  if (from === null || to === null) return null;
  const range = `${formatAxis(x, from)} – ${formatAxis(x, to)}`;
  return (
    <button
      type="button"
      class="button zoomed"
      aria-label={`${range}: show all of x`}
      title={`${range}: show all of x`}
      onClick={() => zoom(null)}
    >
      <Icon name="zoomOut" /> <span class="zoomed-range">{range}</span>
    </button>
  );
}
