import type { ReportFile } from "../../shared/api.ts";
import { address, go } from "../model/address.ts";
import { reportsVersion, server } from "../model/server.ts";
import { useAnswer } from "../model/use-answer.ts";
import { Empty, Problems, Select } from "../parts/controls.tsx";
import { ClaimSection } from "./benchmark/claim-section.tsx";
import { type Report, type ReportClaim, readReport, verdicts } from "./benchmark/report.ts";
import { Verdict } from "./benchmark/verdict.tsx";

/** A report of the benchmark: what papers state beside what was measured here, with the rule and the curves behind each verdict. */
export function BenchmarkView() {
  const { report: wanted, detail } = address.value;
  const version = reportsVersion.value;
  const reports = useAnswer(`reports@${version}`, server.reports);
  const chosen = reports.value?.find(({ path }) => path === wanted) ?? reports.value?.[0];
  const answer = useAnswer(chosen && `${chosen.path}@${version}`, () => server.report(chosen!.path));
  if (reports.value?.length === 0) {
    return (
      <Empty title="No report of the benchmark in this folder">
        <code>npx pnpm bench</code> writes one to <code>runs/bench/reports</code>.
      </Empty>
    );
  }
  const report = answer.value === undefined ? undefined : readReport(answer.value);
  const errors = [reports.error, answer.error].filter((error) => error !== undefined);
  // A link, or a page that stayed open, may name a report that went away; the newest is shown, and said to be another.
  const isGone = reports.value !== undefined && wanted !== "" && chosen?.path !== wanted;
  return (
    <>
      <Problems
        problems={[
          ...(isGone ? [`${wanted} is not in this folder; this is the newest report`] : []),
          ...errors,
          ...(report?.problems ?? []),
        ]}
      />
      {chosen !== undefined && report !== undefined && (
        <>
          <ReportHead report={report} chosen={chosen} reports={reports.value ?? []} />
          {report.claims
            .flatMap((claim) => withVerdict(claim, detail))
            .map((claim) => (
              <ClaimSection key={claim.name} claim={claim} runsFolder={chosen.runs} />
            ))}
        </>
      )}
    </>
  );
}

/** A claim with its statements of one verdict, if there are any; whole where no verdict is asked for. */
function withVerdict(claim: ReportClaim, verdict: string): ReportClaim[] {
  if (!verdicts.some((one) => one === verdict)) return [claim];
  const statements = claim.statements.filter((one) => one.verdict === verdict);
  return statements.length === 0 ? [] : [{ ...claim, statements }];
}

function ReportHead(props: {
  readonly report: Report;
  readonly chosen: ReportFile;
  readonly reports: readonly ReportFile[];
}) {
  const { report, chosen, reports } = props;
  const { detail } = address.value;
  const findings = report.claims.flatMap(({ statements }) => statements);
  const counts = verdicts.map((verdict) => ({
    verdict,
    count: findings.filter((one) => one.verdict === verdict).length,
  }));
  return (
    <header class="report-head">
      <div class="toolbar">
        <Select label="Report" value={chosen.path} onChange={(report) => go({ report, claim: "", curve: "" })}>
          {reports.map(({ path, started, scale }) => (
            <option key={path} value={path}>
              {started.slice(0, 10)} {scale} · {path}
            </option>
          ))}
        </Select>
        <span class="dim">{report.facts}</span>
      </div>
      <div
        class="verdict-bar"
        role="img"
        aria-label={counts
          .filter(({ count }) => count > 0)
          .map(({ verdict, count }) => `${count} ${verdict}`)
          .join(", ")}
      >
        {counts.map(
          ({ verdict, count }) =>
            count > 0 && (
              <span key={verdict} class={`verdict-part ${verdict.replaceAll(" ", "-")}`} style={{ flexGrow: count }} />
            ),
        )}
      </div>
      <ul class="verdict-counts">
        {counts.map(
          ({ verdict, count }) =>
            count > 0 && (
              <li key={verdict}>
                <button
                  type="button"
                  aria-pressed={detail === verdict}
                  title={detail === verdict ? "Show all verdicts" : `Show these only: ${verdict}`}
                  onClick={() => go({ detail: detail === verdict ? "" : verdict })}
                >
                  <strong>{count}</strong> <Verdict verdict={verdict} />
                </button>
              </li>
            ),
        )}
      </ul>
      {report.missing.length > 0 && <p class="hint">Not run yet: {report.missing.join(", ")}.</p>}
    </header>
  );
}
