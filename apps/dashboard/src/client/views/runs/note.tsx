import { useState } from "preact/hooks";
import type { RunSummary } from "../../../shared/api.ts";
import { annotate } from "../../model/server.ts";
import { Icon } from "../../parts/icon.tsx";
import { Popover } from "../../parts/popover.tsx";

/** A run's note, and the field to change it. */
export function NoteButton({ run }: { readonly run: RunSummary }) {
  return (
    <Popover
      label={`Note on ${run.name}`}
      class={run.note === "" ? "note-button none" : "note-button"}
      align="end"
      button={run.note === "" ? <Icon name="note" /> : <span class="note-text">{run.note}</span>}
    >
      {(close) => <NoteField run={run} close={close} />}
    </Popover>
  );
}

function NoteField({ run, close }: { readonly run: RunSummary; readonly close: () => void }) {
  const [text, setText] = useState(run.note);
  return (
    <form
      class="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        annotate(run, { note: text.trim() });
        close();
      }}
    >
      <input
        aria-label={`Note on ${run.name}`}
        value={text}
        maxLength={10_000}
        placeholder="What is worth remembering?"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="button primary">
        Save
      </button>
    </form>
  );
}
