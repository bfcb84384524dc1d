import { useEffect, useRef } from "preact/hooks";
import { address, go } from "../../model/address.ts";
import { Icon } from "../../parts/icon.tsx";
import { allButFirst, Table } from "../../parts/table.tsx";
import { ClaimCurves } from "./claim-curves.tsx";
import type { ReportClaim, ReportTable } from "./report.ts";
import { Verdict } from "./verdict.tsx";

/** A claim with its statements; what is behind it opens beneath. */
export function ClaimSection({ claim, runsFolder }: { readonly claim: ReportClaim; readonly runsFolder: string }) {
  const isOpen = address.value.claim === claim.name;
  const section = useRef<HTMLElement>(null);
  // A link may open a claim that is far down; one that is pressed is in sight.
  useEffect(() => {
    if (isOpen) section.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <section ref={section} class={isOpen ? "claim open" : "claim"} aria-label={claim.title}>
      <h2>
        <button type="button" aria-expanded={isOpen} onClick={() => go({ claim: isOpen ? "" : claim.name, curve: "" })}>
          <Icon name="chevron" />
          <span>{claim.title}</span>
        </button>
      </h2>
      <table class="statements">
        <thead>
          <tr>
            <th scope="col">Claim</th>
            <th scope="col">Paper</th>
            <th scope="col">Here</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {claim.statements.map(({ key, says, source, printed, measured, verdict, rule, why }) => (
            <tr key={key}>
              <td data-title="Claim">
                {says}
                <small class="source">{source}</small>
                {isOpen && <small class="rule">{rule}</small>}
              </td>
              <td data-title="Paper">{printed}</td>
              <td data-title="Here" class="measured">
                {measured}
              </td>
              <td data-title="Verdict">
                <Verdict verdict={verdict} />
                {why !== "" && <small class="source">{why}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {isOpen && (
        <div class="behind">
          {claim.error !== "" && <pre class="error-text">{claim.error}</pre>}
          <ClaimCurves runs={claim.runs.map((run) => `${runsFolder}/${run}`)} />
          {claim.tables.map((table) => (
            <DetailTable key={table.title} table={table} />
          ))}
        </div>
      )}
    </section>
  );
}

function DetailTable({ table: { title, columns, rows, note } }: { readonly table: ReportTable }) {
  return (
    <div>
      <Table
        title={title}
        hasCaption
        columns={columns}
        isNumber={allButFirst}
        rows={rows.map((cells, index) => ({ key: `${index}`, cells }))}
      />
      {note !== "" && <p class="hint">{note}</p>}
    </div>
  );
}
