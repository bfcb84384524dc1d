import { parseArgs } from "node:util";
import { didYouMean, didYouMeanOneOf } from "@vitscale/core";
import type { Claim, Scale } from "../claim.ts";
import { dataPlaces, namedFolder } from "./data-places.ts";
import { UsageError } from "./usage-error.ts";

/** What the command line asks for. */
export type Request =
  | {
      readonly kind: "run";
      readonly claims: readonly Claim[];
      readonly scale: Scale;
      /** Folder of results, run records and reports. */
      readonly out: string;
      /** Measure again what was measured before. */
      readonly fresh: boolean;
      /** Let every verdict count for the exit code, not only those that hold on any machine. */
      readonly strict: boolean;
      /** Folders of data sets by name. */
      readonly data: Readonly<Record<string, string>>;
    }
  | { readonly kind: "list" }
  | { readonly kind: "help" }
  /** Print the results section of a README from a report's JSON. */
  | { readonly kind: "readme"; readonly report: string };

const options = {
  full: { type: "boolean" },
  only: { type: "string", multiple: true },
  list: { type: "boolean" },
  data: { type: "string", multiple: true },
  out: { type: "string" },
  fresh: { type: "boolean" },
  strict: { type: "boolean" },
  readme: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** The help text. */
export const help = `Usage: pnpm bench [options]

Measures claims of papers and aims of this project on this machine, and prints them beside each other.

  --full               every claim, with as much as a sound answer needs, instead of a choice of a few minutes
  --only NAME,…        these claims only
  --list               name the claims, with what they state and how long they take
  --data NAME=DIR      where a data set is, for claims that read one (below); default NAME in VITSCALE_DATA or in data
  --out DIR            folder of results, run records and reports; default runs/bench
  --fresh              measure again what was measured with the same code before
  --strict             let every verdict count, whatever the machine: see the exit codes
  --readme REPORT.json print the results section of a README from a report

A run that was interrupted goes on where it stopped. Exit codes, by the verdicts:

  0    every claim was measured, or says what it lacks; effects that are not seen on a small machine are findings, no failures
  1    the measurement of a claim failed
  2    the command line is wrong
  3    a statement that holds on any machine (a closed form, a bound, bytes sent, a table of published answers) was not seen;
       with --strict, any statement not seen at this scale, or an aim not reached
  130  Ctrl-C, with the report of what was finished

NAME of --data, and what DIR holds:
${Object.entries(dataPlaces)
  .map(([name, holds]) => `  ${name.padEnd(18)} ${holds}`)
  .join("\n")}

Peers are found by themselves. VITSCALE_PYTHON: a Python with torch or jax, or several with ":" between. VITSCALE_PEERS: a folder with
more npm packages. VITSCALE_THREADS: threads of each peer; default one a core.
`;

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown option, claim or data set, naming the nearest, and for a folder of data that is not there
 */
export function parseRequest(argv: readonly string[], claims: readonly Claim[]): Request {
  const { tokens, values, positionals } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = options[token.name as keyof typeof options];
    if (spec === undefined) {
      throw new UsageError(`pnpm bench has no option ${token.rawName}${didYouMean(token.name, Object.keys(options))}`);
    }
    if (spec.type === "string" && token.value === undefined)
      throw new UsageError(`${token.rawName} needs a value; see --help`);
    if (spec.type === "boolean" && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value, but "${token.value}" was given`);
    }
  }
  if (positionals.length > 0)
    throw new UsageError(`"${positionals[0]}" is no option; claims are chosen by --only NAME,…`);
  if (values.help === true) return { kind: "help" };
  if (values.list === true) return { kind: "list" };
  if (typeof values.readme === "string") return { kind: "readme", report: values.readme };
  return {
    kind: "run",
    ...chosen(values.full === true ? "full" : "quick", (values.only ?? []) as string[], claims),
    out: typeof values.out === "string" ? values.out : "runs/bench",
    fresh: values.fresh === true,
    strict: values.strict === true,
    data: Object.fromEntries(((values.data ?? []) as string[]).map(namedFolder)),
  };
}

function chosen(
  scale: Scale,
  given: readonly string[],
  claims: readonly Claim[],
): { readonly scale: Scale; readonly claims: readonly Claim[] } {
  const names = given.flatMap((text) => text.split(",")).filter((name) => name !== "");
  const known = claims.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UsageError(`there is no claim "${name}"${didYouMeanOneOf(name, "claims", known)}`);
  }
  const isAskedFor = ({ name, isInChoice = true }: Claim) =>
    names.length > 0 ? names.includes(name) : scale === "full" || isInChoice;
  return { scale, claims: claims.filter(isAskedFor) };
}
