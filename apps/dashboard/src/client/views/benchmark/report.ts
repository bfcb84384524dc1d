import { isObject, list, text } from "../../../shared/json.ts";

/** Verdicts of the benchmark, best first. */
export const verdicts = [
  "reproduced",
  "reached",
  "same direction",
  "not seen at this scale",
  "not reached",
  "not measurable here",
];

/** A statement with what was found about it. */
export interface Finding {
  readonly key: string;
  readonly says: string;
  readonly source: string;
  readonly printed: string;
  readonly measured: string;
  readonly verdict: string;
  readonly rule: string;
  readonly why: string;
}

/** A table of details. */
export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note: string;
}

/** A claim of a report. */
export interface ReportClaim {
  readonly name: string;
  readonly title: string;
  readonly statements: readonly Finding[];
  readonly tables: readonly ReportTable[];
  /** Names of its run records. */
  readonly runs: readonly string[];
  readonly error: string;
}

/** A report as the page shows it. */
export interface Report {
  readonly facts: string;
  readonly missing: readonly string[];
  readonly claims: readonly ReportClaim[];
  /** Sentences about what is damaged. */
  readonly problems: readonly string[];
}

/** Reads a report's JSON (packages/bench): what is missing is empty; claims without a name or statements are left out, and counted. */
export function readReport(value: unknown): Report {
  const report = isObject(value) ? value : {};
  const machine = isObject(report.machine) ? report.machine : {};
  const load = isObject(report.load) ? report.load : {};
  const facts = [
    text(report.started).slice(0, 16).replace("T", " "),
    text(machine.cpu),
    typeof machine.cores === "number" && `${machine.cores} cores`,
    text(report.engine),
    typeof load.before === "number" && `load ${load.before} before, ${load.after} after`,
    text(report.status) === "partial" && "unfinished",
  ];
  const claims = list(report.claims).map(readClaim);
  const whole = claims.filter(({ name, statements, error }) => name !== "" && (statements.length > 0 || error !== ""));
  const damaged = claims.length - whole.length;
  return {
    facts: facts.filter(Boolean).join(" · "),
    missing: texts(report.missing),
    claims: whole,
    problems: [
      ...(Array.isArray(report.claims) ? [] : ["the report is damaged: it has no list of claims"]),
      ...(damaged > 0 ? [`the report is damaged: ${damaged} of its ${claims.length} claims cannot be read`] : []),
    ],
  };
}

function readClaim(value: unknown): ReportClaim {
  const claim = isObject(value) ? value : {};
  const statements = isObject(claim.statements) ? claim.statements : {};
  const result = isObject(claim.result) ? claim.result : {};
  return {
    name: text(claim.name),
    title: text(claim.title),
    statements: Object.entries(statements).map(([key, statement]) => readFinding(key, statement)),
    tables: list(claim.tables).map(readTable),
    runs: texts(result.runs),
    error: text(claim.error),
  };
}

function readFinding(key: string, value: unknown): Finding {
  const { says, source, printed, measured, verdict, rule, why } = isObject(value) ? value : {};
  return {
    key,
    says: text(says),
    source: text(source),
    printed: text(printed),
    measured: text(measured),
    verdict: text(verdict),
    rule: text(rule),
    why: text(why),
  };
}

function readTable(value: unknown): ReportTable {
  const table = isObject(value) ? value : {};
  return {
    title: text(table.title),
    columns: texts(table.columns),
    rows: list(table.rows).map(texts),
    note: text(table.note),
  };
}

const texts = (value: unknown) => list(value).map((element) => text(element));
