import type { RunSummary } from "./runs.ts";

const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it; names and messages come from files. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

const style = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
  td.problem { color: #b3261e; }
`;

function row(run: RunSummary): string {
  const metrics = Object.entries(run.summary).map(([name, value]) => `${escapeHtml(name)} ${value.toPrecision(4)}`);
  const last =
    run.problem === undefined
      ? `<td>${metrics.join("<br>")}</td>`
      : `<td class="problem">${escapeHtml(run.problem)}</td>`;
  return `<tr><td>${escapeHtml(run.name)}</td><td>${escapeHtml(run.status)}</td><td>${run.step} / ${run.steps}</td><td>${escapeHtml(run.updated)}</td>${last}</tr>`;
}

/** The list of runs as a page. */
export function runListPage(runs: readonly RunSummary[]): string {
  const body =
    runs.length === 0
      ? "<p>No runs here yet. <code>vitscale train CONFIG --out runs/NAME</code> makes one.</p>"
      : `<table><thead><tr><th>Run</th><th>Status</th><th>Step</th><th>Updated</th><th>Last evaluation</th></tr></thead><tbody>${runs.map(row).join("")}</tbody></table>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Vitscale runs</title><style>${style}</style></head><body><h1>Runs</h1>${body}</body></html>`;
}
