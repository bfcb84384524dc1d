import { readFileSync } from "node:fs";
import { verdictTables } from "./markdown.ts";
import type { Report } from "./report.ts";

/** The results section of a README, from the JSON of a report: so that no number in it is typed by hand. */
export function readmeResults({ started, command, machine, load, claims }: Report): string {
  const where =
    `Measured on ${started.slice(0, 10)} by \`${command}\` on ${machine.cpu} with ${machine.cores} cores ` +
    `(load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after), Node ${machine.node.replace(/^v/, "")}. ` +
    "Median and quartiles of interleaved rounds; the rules behind the verdicts are in the report.";
  return `${where}\n\n${verdictTables(claims)}\n`;
}

/**
 * Reads a report.
 *
 * @throws Error when the file is absent, no JSON, or no report of a version that is known here.
 */
export function readReport(path: string): Report {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(
      `${path} cannot be read as a report: ${(error as Error).message}; give the .json of \`pnpm bench\``,
    );
  }
  if (report?.schema !== 1 || !Array.isArray(report.claims)) {
    throw new Error(`${path} is no report of schema 1; give the .json of \`pnpm bench\``);
  }
  return report;
}
