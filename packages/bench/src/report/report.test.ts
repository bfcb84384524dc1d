import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { StoredResult } from "../runner/store.ts";
import { fakeClaim } from "../testing/fake-claim.ts";
import { claimReport, failedReport } from "./claim-report.ts";
import { markdownTable, reportMarkdown } from "./markdown.ts";
import { readmeResults, readReport } from "./readme.ts";
import { type Report, writeReport } from "./report.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

const result: StoredResult = {
  schema: 1,
  ...{ claim: "fake", identity: "x", scale: "quick", plan: { rounds: 1 }, measurement: [9, 11] },
  ...{ started: "2026-10-12T09:30:00.000Z", seconds: 12.3, load: { before: 0.1, after: 1.25 }, runs: ["fake-run"] },
};

const report: Report = {
  ...{ schema: 1, status: "partial", scale: "quick", command: "pnpm bench", engine: "onnx: onnxruntime 1.30.0" },
  ...{ started: "2026-10-12T09:29:00.000Z", updated: "2026-10-12T09:31:00.000Z", missing: ["mfu"] },
  machine: { platform: "linux-x64", cpu: "Some CPU", cores: 2, memoryBytes: 8 * 2 ** 30, node: "v20.20.2" },
  source: { commit: "0123456789abcdef", modified: true },
  versions: { node: "20.20.2", "tfjs-core": "4.22.0" },
  load: { before: 0.1, after: 1.5 },
  claims: [claimReport(fakeClaim(), result), failedReport(fakeClaim({ name: "broken" }), new Error("no such kernel"))],
};

const verdicts = `\
| claim | paper | measured here | verdict |
| --- | --- | --- | --- |
| Nothing is fast | 9 \\| 10 ms (Nobody 2023 §1) | 9 ms | **reproduced** |
| Nothing is fast | 9 \\| 10 ms (Nobody 2023 §1) | n/a | **not measurable here**: the measurement failed: no such kernel |

| aim | reach | measured here | verdict |
| --- | --- | --- | --- |
| Nothing takes 10 ms | at most 10 ms (on any machine) | 9, 11 ms | **reached** |
| Nothing takes 10 ms | at most 10 ms (on any machine) | n/a | **not measurable here**: the measurement failed: no such kernel |`;

describe("reports", () => {
  it("say on what they were made, what was found, by which rule, and from which numbers", () => {
    const [head, stack] = reportMarkdown(report).split("Failed:");
    expect(head).toBe(`\
# Claims re-measured, 2026-10-12

Made by \`pnpm bench\` (quick), 2026-10-12 09:29 to 09:31 UTC.

Machine: Some CPU, 2 cores, 8 GiB, linux-x64; load average 0.10 before, 1.50 after.

Engine: onnx: onnxruntime 1.30.0. node 20.20.2, tfjs-core 4.22.0.

Source: 0123456789ab, with local changes.

**Not complete**: mfu not measured. The same command goes on.

${verdicts}

## How numbers become verdicts

- Nothing is fast: always seen.
- Nothing takes 10 ms: reached: the median over rounds is at most 10.

## fake: a claim about nothing

Measured 2026-10-12 09:30 UTC in 12 s; load average 0.10 before, 1.25 after.

Times:

| round | ms |
| --- | --- |
| 0 | 9 |
| 1 | 11 |

Invented.

## broken: a claim about nothing

`);
    expect(stack).toContain("Error: no such kernel");
  });

  it("become the results of a README", () => {
    const paths = writeReport(folder, report);
    expect(paths.markdown).toBe(join(folder, "reports", "2026-10-12-092900.md"));
    expect(readFileSync(paths.markdown, "utf8")).toBe(reportMarkdown(report));
    expect(readmeResults(readReport(paths.json))).toBe(`\
Measured on 2026-10-12 by \`pnpm bench\` on Some CPU with 2 cores (load average 0.10 before, 1.50 after), Node 20.20.2. \
Median and quartiles of interleaved rounds; the rules behind the verdicts are in the report.

${verdicts}
`);
  });

  it("of a day stay beside each other", () => {
    const first = writeReport(folder, report);
    const later = writeReport(folder, { ...report, started: "2026-10-12T15:00:00.000Z", claims: [] });
    expect(later.json).not.toBe(first.json);
    expect(readReport(first.json).claims).toHaveLength(2);
  });

  it("are refused when they are something else", () => {
    const path = join(folder, "package.json");
    writeFileSync(path, "{}");
    expect(() => readReport(path)).toThrow("is no report of schema 1; give the .json of `pnpm bench`");
    expect(() => readReport(join(folder, "absent.json"))).toThrow("cannot be read as a report: ENOENT");
  });

  it("keep a table a table", () => {
    expect(markdownTable(["a"], [["x | y\n  z"]])).toBe("| a |\n| --- |\n| x \\| y z |");
  });
});
