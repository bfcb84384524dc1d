import type { RunEvent } from "../../../shared/api.ts";
import { formatAgo } from "../../model/format.ts";

/** What happened to a run, newest first. */
export function EventList({ events }: { readonly events: readonly RunEvent[] }) {
  return (
    <section class="card" aria-label="Events">
      <h2 class="card-head">
        <span class="card-title">Events</span>
      </h2>
      <ol class="events">
        {events.toReversed().map(({ time, step, kind, text }, index) => (
          <li key={index} class={kind}>
            <span class="event-kind">{kind}</span>
            <span>{text}</span>
            <span class="dim">
              {step !== null && `step ${step}`}
              {time !== null && ` · ${formatAgo(1000 * time)}`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
