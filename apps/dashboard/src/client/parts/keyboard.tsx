import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { go } from "../model/address.ts";
import { type View, viewPaths } from "../model/link.ts";
import { focusNext } from "../model/selection.ts";
import { nextTheme } from "../model/theme.ts";

const isOpen = signal(false);

/** Shows which keys do what. */
export function showKeys(): void {
  isOpen.value = true;
}

const views = Object.keys(viewPaths) as View[];

const help: readonly (readonly [string, string])[] = [
  ["1 … 7", "the views, from Runs to Benchmark"],
  ["/", "filter runs"],
  ["[ ]", "the run before or after, in views of one run"],
  ["t", "light, dark, or as the system"],
  ["↑ ↓", "in the run table: the row before or after"],
  ["Space", "in the run table: choose the run for the charts"],
  ["Enter", "in the run table: its curves"],
  ["s, n", "in the run table: star, note"],
  ["← →", "in a chart: move the cursor"],
  ["+ −", "in a chart: zoom around the cursor"],
  ["0", "in a chart: all of x again"],
  ["Esc", "close what is open"],
  ["?", "this list"],
];

/** Keys that work everywhere, and the list of all keys. */
export function Keyboard() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        target.matches("input:not([type=checkbox], [type=range]), textarea, select")
      )
        return;
      const view = views[Number(event.key) - 1];
      // A chart keeps the digits for itself only while it is focused.
      if (view !== undefined) go({ view });
      else if (event.key === "/") document.querySelector<HTMLElement>("#filter")?.focus();
      else if (event.key === "?") showKeys();
      else if (event.key === "t") nextTheme();
      else if (event.key === "[") focusNext(-1);
      else if (event.key === "]") focusNext(1);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  useEffect(() => {
    if (isOpen.value) dialog.current?.showModal();
  }, [isOpen.value]);
  return (
    <dialog
      ref={dialog}
      class="keys"
      aria-label="Keyboard"
      onClose={() => {
        isOpen.value = false;
      }}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <h2>Keyboard</h2>
      <dl>
        {help.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
