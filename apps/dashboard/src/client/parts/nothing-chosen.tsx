import { address, go } from "../model/address.ts";
import { clearChoice } from "../model/selection.ts";
import { Empty } from "./controls.tsx";

/** Why a view of one run shows none, and the way out: another run in its place would be mistaken for it. */
export function NoRun() {
  const { run } = address.value;
  if (run === "") return <Empty title="No run is chosen">Choose one in the list beside.</Empty>;
  return (
    <Empty title={`The run ${run} is not in this folder`}>
      It may have been moved or deleted.{" "}
      <button type="button" class="link" onClick={() => go({ run: "", step: null, detail: "" })}>
        Show the first of the list
      </button>
    </Empty>
  );
}

/** Why a view of several runs shows none, and the way out. */
export function NothingChosen() {
  const { runs, filter } = address.value;
  if (runs.length > 0) {
    return (
      <Empty
        title={runs.length === 1 ? "The chosen run is not in this folder" : "The chosen runs are not in this folder"}
      >
        <button type="button" class="link" onClick={clearChoice}>
          Show the first of the list
        </button>
      </Empty>
    );
  }
  return (
    <Empty title="No run passes the filter">
      <button type="button" class="link" onClick={() => go({ filter: "" })}>
        Take “{filter}” away
      </button>
    </Empty>
  );
}
