import { formatDuration } from "@vitscale/train";
import type { Finding, Statement, Table } from "../claim.ts";
import type { ClaimReport } from "./claim-report.ts";
import type { Report } from "./report.ts";

/** The report as a page: what was found, by which rules, and the numbers behind it. */
export function reportMarkdown(report: Report): string {
  const sections = [
    `# Claims re-measured, ${report.started.slice(0, 10)}`,
    surroundings(report),
    verdictTables(report.claims),
    rules(report.claims),
    ...report.claims.map(details),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** The table of verdicts: what papers state, then what this project aims at. */
export function verdictTables(claims: readonly ClaimReport[]): string {
  const rows = claims.flatMap(({ statements }) => Object.values(statements));
  const table = (kind: Statement["kind"], columns: string[]) => {
    const chosen = rows.filter((row) => row.kind === kind);
    if (chosen.length === 0) return "";
    return markdownTable(
      columns,
      chosen.map((row) => [row.says, `${row.printed} (${row.source})`, row.measured, verdictText(row)]),
    );
  };
  return [
    table("paper", ["claim", "paper", "measured here", "verdict"]),
    table("aim", ["aim", "reach", "measured here", "verdict"]),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

/** A Markdown table; bars inside cells are escaped, line ends become spaces. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellText).join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

function cellText(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
}

function verdictText({ verdict, why }: Finding): string {
  return why === undefined ? `**${verdict}**` : `**${verdict}**: ${why}`;
}

function surroundings({
  status,
  scale,
  started,
  updated,
  command,
  machine,
  source,
  engine,
  versions,
  load,
  missing,
}: Report): string {
  const facts = [
    `Made by \`${command}\` (${scale}), ${started.slice(0, 16).replace("T", " ")} to ${updated.slice(11, 16)} UTC.`,
    `Machine: ${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.platform}; ` +
      `load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after.`,
    `Engine: ${engine}. ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    source === null
      ? "Source: no git repository."
      : `Source: ${source.commit.slice(0, 12)}${source.modified ? ", with local changes" : ""}.`,
  ];
  if (status === "partial")
    facts.push(`**Not complete**: ${missing.join(", ")} not measured. The same command goes on.`);
  return facts.join("\n\n");
}

function rules(claims: readonly ClaimReport[]): string {
  const lines = claims.flatMap(({ statements }) =>
    Object.values(statements).map(({ says, rule }) => `- ${says}: ${rule}.`),
  );
  if (lines.length === 0) return "";
  return `## How numbers become verdicts\n\n${[...new Set(lines)].join("\n")}`;
}

function details({ name, title, tables, result, error }: ClaimReport): string {
  const parts = [`## ${name}: ${title}`];
  if (result !== undefined) {
    const { started, seconds, load } = result;
    parts.push(
      `Measured ${started.slice(0, 16).replace("T", " ")} UTC in ${formatDuration(seconds)}; ` +
        `load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after.`,
    );
  }
  if (error !== undefined) parts.push(`Failed:\n\n\`\`\`\n${error}\n\`\`\``);
  parts.push(...tables.map(tableText));
  return parts.join("\n\n");
}

function tableText({ title, columns, rows, note }: Table): string {
  const text = `${title}:\n\n${markdownTable(columns, rows)}`;
  return note === undefined ? text : `${text}\n\n${note}`;
}
