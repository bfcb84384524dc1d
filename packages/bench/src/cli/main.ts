import { createRequire } from "node:module";
import { loadavg } from "node:os";
import { join } from "node:path";
import { defaultEngine } from "@vitscale/core";
import { dataFolder, describeMachine, describeSource, formatDuration, listenForStop } from "@vitscale/train";
import type { Claim } from "../claim.ts";
import { packageFolder, packageVersion } from "../package-files.ts";
import type { ClaimReport } from "../report/claim-report.ts";
import { verdictTables } from "../report/markdown.ts";
import { readmeResults, readReport } from "../report/readme.ts";
import { type Report, writeReport } from "../report/report.ts";
import { sourceFingerprint } from "../runner/identity.ts";
import { benchProgress } from "../runner/progress.ts";
import { runClaims } from "../runner/run-claims.ts";
import { openStore } from "../runner/store.ts";
import { exitCodes, judgeRun } from "./exit-code.ts";
import { help, parseRequest, type Request } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** Where the command writes. */
export interface Console {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** The command. @returns its exit code: one of `exitCodes`, or 130 after Ctrl-C */
export async function main(argv: readonly string[], claims: readonly Claim[], console: Console): Promise<number> {
  try {
    const request = parseRequest(argv, claims);
    switch (request.kind) {
      case "help":
        console.out(help);
        return exitCodes.good;
      case "list":
        console.out(listText(claims));
        return exitCodes.good;
      case "readme":
        console.out(readmeResults(readReport(request.report)));
        return exitCodes.good;
      case "run":
        return await run(request, argv, console);
      default:
        return request satisfies never;
    }
  } catch (error) {
    const { message, stack } = error as Error;
    const isUsage = error instanceof UsageError;
    console.error(isUsage ? `${message}\n` : `${stack ?? message}\n`);
    return isUsage ? exitCodes.usage : exitCodes.failed;
  }
}

async function run(
  { claims, scale, out, fresh, strict, data }: Extract<Request, { kind: "run" }>,
  argv: readonly string[],
  console: Console,
): Promise<number> {
  const started = new Date().toISOString();
  const [before = 0] = loadavg();
  const machine = describeMachine();
  const engine = defaultEngine();
  const { name, reason } = engine.describe();
  const progress = benchProgress(claims, scale);
  const stop = listenForStop((signal) => progress.note(`${signal}: stopping; a second one ends at once`));

  const report = (reports: readonly ClaimReport[]): Report => {
    const missing = claims.filter((claim) => !reports.some((one) => one.name === claim.name));
    return {
      ...{ schema: 1, scale, started, machine, claims: reports },
      status: missing.length === 0 ? "complete" : "partial",
      updated: new Date().toISOString(),
      command: ["pnpm bench", ...argv].join(" "),
      source: describeSource(packageFolder),
      engine: `${name}: ${reason}`,
      versions: versions(),
      load: { before, after: loadavg()[0] ?? 0 },
      missing: missing.map((claim) => claim.name),
    };
  };

  progress.note(`${claims.length} claims on ${machine.cores} cores; engine ${name}: ${reason}`);
  if (before > machine.cores / 2) {
    progress.note(
      `the load average is ${before.toFixed(2)} before anything has begun: other work will disturb the timings`,
    );
  }
  const reports = await runClaims({
    ...{ claims, scale, out, fresh, engine, machine, progress },
    store: openStore(out),
    places: { dataFolder: (path) => folderOf(path, data) },
    source: sourceFingerprint(packageFolder, packageVersion),
    signal: stop.signal,
    onReport: (partial) => void writeReport(out, report(partial)),
  });
  progress.end();
  stop.release();

  // A run that was stopped in its first claim has nothing to report.
  const path = reports.length === 0 ? "no report" : writeReport(out, report(reports)).markdown;
  const seconds = (Date.now() - Date.parse(started)) / 1000;
  const tables = verdictTables(reports) || "No claim was finished.";
  console.out(`\n${tables}\n\n${path} after ${formatDuration(seconds)}; run records in ${out}/runs\n`);
  if (stop.exitCode !== undefined) return stop.exitCode;
  const { code, against } = judgeRun(reports, strict);
  if (against.length > 0) console.error(`exit code ${code}:\n${against.map((line) => `  ${line}\n`).join("")}`);
  return code;
}

/** The folder of a data set, or a path within it. */
function folderOf(path: string, given: Readonly<Record<string, string>>): string {
  const [name = "", ...inside] = path.split("/");
  const folder = given[name];
  return folder === undefined ? dataFolder(path) : join(folder, ...inside);
}

function listText(claims: readonly Claim[]): string {
  const lines = claims.flatMap(({ name, title, seconds, statements, isInChoice = true }) => [
    `${name}: ${title} (${isInChoice ? "" : "by --only or --full; "}${formatDuration(seconds.quick)}; --full ${formatDuration(seconds.full)})`,
    ...Object.values(statements).map(({ says, printed }) => `    ${says}: ${printed}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const version = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  return {
    node: process.version.slice(1),
    "onnxruntime-node": version("onnxruntime-node"),
    "tfjs-core": version("@tensorflow/tfjs-core"),
  };
}
