import { useEffect, useState } from "preact/hooks";
import { savePage } from "./export/page.ts";
import { address, go } from "./model/address.ts";
import { type View, writeLink } from "./model/link.ts";
import { absent, focused, shown } from "./model/selection.ts";
import { connection, failure, folder, runs } from "./model/server.ts";
import { nextTheme, theme } from "./model/theme.ts";
import { Empty, Problems } from "./parts/controls.tsx";
import { Icon } from "./parts/icon.tsx";
import { Keyboard, showKeys } from "./parts/keyboard.tsx";
import { RunPanel } from "./parts/run-panel.tsx";
import { useStrip } from "./parts/scroll.tsx";
import { BenchmarkView } from "./views/benchmark-view.tsx";
import { CompareView } from "./views/compare-view.tsx";
import { CurvesView } from "./views/curves-view.tsx";
import { EvaluationsView } from "./views/evaluations-view.tsx";
import { HealthView } from "./views/health-view.tsx";
import { ImagesView } from "./views/images-view.tsx";
import { RunsView } from "./views/runs-view.tsx";

const views: Readonly<
  Record<View, { readonly title: string; readonly component: () => preact.JSX.Element; readonly hasPanel: boolean }>
> = {
  runs: { title: "Runs", component: RunsView, hasPanel: false },
  curves: { title: "Curves", component: CurvesView, hasPanel: true },
  compare: { title: "Compare", component: CompareView, hasPanel: true },
  evaluations: { title: "Evaluations", component: EvaluationsView, hasPanel: true },
  health: { title: "Health", component: HealthView, hasPanel: true },
  images: { title: "Images", component: ImagesView, hasPanel: true },
  benchmark: { title: "Benchmark", component: BenchmarkView, hasPanel: false },
};

const ofOneRun: ReadonlySet<View> = new Set(["evaluations", "health", "images"]);

/** The whole page: heading with the views, the runs beside, and the view. */
export function App() {
  const { view } = address.value;
  const { title, component: Current, hasPanel } = views[view];
  const [isPanelOpen, openPanel] = useState(false);
  const { name, problems } = folder.value;
  // Of tabs with several runs, the title tells which is which.
  const aboutOne = ofOneRun.has(view) ? focused.value?.name : undefined;
  useEffect(() => {
    document.title = [title, aboutOne ?? "", name || "Vitscale"].filter((part) => part !== "").join(" · ");
  }, [title, name, aboutOne]);
  useEffect(() => openPanel(false), [view]);
  return (
    <div class={hasPanel ? "app with-panel" : "app"}>
      <a class="skip" href="#view">
        Skip to the view
      </a>
      <header class="head">
        <a class="brand" href={linkTo("runs")} onClick={follow("runs")} aria-label="Vitscale, all runs">
          <img src="/page/icon.svg" alt="" width="22" height="22" />
          <span>Vitscale</span>
        </a>
        <ViewTabs view={view} />
        <div class="head-end">
          <Connection />
          <button
            type="button"
            class="icon-button"
            aria-label="Save this view as HTML"
            title="Save this view as HTML"
            onClick={() => save(`${title} ${name}`)}
          >
            <Icon name="export" />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={`Theme: ${theme.value}`}
            title={`Theme: ${theme.value}`}
            onClick={nextTheme}
          >
            <Icon name={({ auto: "auto", light: "sun", dark: "moon" } as const)[theme.value]} />
          </button>
          <button
            type="button"
            class="icon-button wide-only"
            aria-label="Keyboard"
            title="Keyboard (?)"
            onClick={showKeys}
          >
            <Icon name="help" />
          </button>
        </div>
      </header>
      {hasPanel && <RunPanel isOpen={isPanelOpen} onClose={() => openPanel(false)} />}
      {hasPanel && (
        <button type="button" class="panel-opener" aria-expanded={isPanelOpen} onClick={() => openPanel(!isPanelOpen)}>
          <Icon name="menu" /> {shown.value.length === 1 ? "1 run" : `${shown.value.length} runs`}
        </button>
      )}
      <main id="view" tabIndex={-1} key={view} class={`view view-${view}`}>
        <Problems problems={hasPanel ? [...problems, ...absentRuns()] : problems} />
        {runs.value.size > 0 || view === "benchmark" ? <Current /> : <NoRuns />}
      </main>
      <Failure />
      <Keyboard />
    </div>
  );
}

/** What a link names and the folder lacks: without a word, the others would pass for all of them. */
function absentRuns(): string[] {
  // Where none of them is left, the view itself says so.
  if (absent.value.length === 0 || shown.value.length === 0) return [];
  return [`Not in this folder, and left out: ${absent.value.join(", ")}`];
}

function ViewTabs({ view }: { readonly view: View }) {
  return (
    <nav aria-label="Views" ref={useStrip<HTMLElement>(view)}>
      {(Object.keys(views) as View[]).map((key) => (
        <a
          key={key}
          href={linkTo(key)}
          {...(key === view && { "aria-current": "page" as const })}
          onClick={follow(key)}
        >
          {views[key].title}
        </a>
      ))}
    </nav>
  );
}

const linkTo = (view: View) => writeLink({ ...address.value, view, detail: "", open: "" });

const follow = (view: View) => (event: MouseEvent) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go({ view, detail: "", open: "" });
};

function save(title: string): void {
  savePage(title).catch((error: Error) => {
    failure.value = error.message;
  });
}

function Connection() {
  const state = connection.value;
  const text = { loading: "loading", live: "live", lost: "reconnecting" }[state];
  return (
    <span
      class={`connection ${state}`}
      role="status"
      title={state === "lost" ? "the server does not answer; what is shown is old" : ""}
    >
      <span class="status-dot" aria-hidden="true" />
      {text}
    </span>
  );
}

function NoRuns() {
  if (connection.value === "loading") return <Empty title="Reading the folder…" />;
  return (
    <Empty title="No runs here yet">
      <code>npx pnpm vitscale train configs/generated-shapes.ts</code> makes one; it appears here while it trains.
    </Empty>
  );
}

function Failure() {
  if (failure.value === "") return null;
  return (
    <div class="failure" role="alert">
      <Icon name="warning" />
      <span>{failure.value}</span>
      <button
        type="button"
        class="icon-button"
        aria-label="Close"
        onClick={() => {
          failure.value = "";
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
