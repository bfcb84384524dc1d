import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fileName } from "../plots/file-name.ts";
import type { SuiteResult } from "./suite.ts";
import { writeResult } from "./write-result.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-result-"));
afterAll(() => rmSync(folder, { recursive: true }));

const suite = { name: "hue", measures: "how well colours are told apart" };
const result: SuiteResult = {
  metrics: {
    accuracy: { value: 0.75, low: 0.70123, high: 0.8, count: 40 },
    "group/gap": { value: Number.NaN, low: Number.NaN, high: Number.NaN, count: 0 },
  },
  tables: [{ title: "By colour", columns: ["colour", "accuracy"], rows: [["red|pink", 0.123456]] }],
  plots: [{ name: "by-colour", title: "Accuracy by colour", svg: "<svg/>" }],
  views: [
    { kind: "heat", title: "Told apart", rows: ["red"], columns: ["pink", "blue"], values: [[0.25, Number.NaN]] },
    {
      kind: "confusion",
      title: "Answers",
      classes: ["red", "blue"],
      counts: [
        [7, 1],
        [0, 8],
      ],
    },
  ],
  notes: ["No blue images."],
};

it("writes JSON that holds what the evaluations of a run hold, and more", async () => {
  const path = await writeResult(folder, suite, result, { source: "colours.csv", step: 500 });
  expect(path).toBe(join(folder, "hue-00000500.json"));
  const read = JSON.parse(readFileSync(path, "utf8"));
  expect(read).toMatchObject({
    name: "hue",
    step: 500,
    source: "colours.csv",
    metrics: { accuracy: 0.75, "group/gap": "NaN" },
    intervals: { accuracy: { low: 0.70123, high: 0.8, count: 40 } },
    views: [
      { kind: "heat", title: "Told apart", rows: ["red"], columns: ["pink", "blue"], values: [[0.25, null]] },
      { kind: "confusion" },
    ],
    plots: [{ title: "Accuracy by colour", file: "hue-by-colour-00000500.svg" }],
  });
  expect(readdirSync(folder).sort()).toEqual(["hue-00000500.json", "hue-00000500.md", "hue-by-colour-00000500.svg"]);
});

it("writes a page that a person can read", async () => {
  await writeResult(folder, suite, result, { source: "colours.csv" }, "validation-hue");
  expect(readFileSync(join(folder, "validation-hue.md"), "utf8")).toBe(`# hue

It measures how well colours are told apart.

Predictions: colours.csv.

## Metrics

| metric | value (95 % interval) | cases |
| --- | ---: | ---: |
| accuracy | 0.75 (0.7012 to 0.8) | 40 |
| group/gap | n/a | 0 |

## By colour

| colour | accuracy |
| --- | ---: |
| red\\|pink | 0.1235 |

![Accuracy by colour](validation-hue-by-colour.svg)

<details><summary>Answers</summary>

|  | red | blue |
| --- | ---: | ---: |
| red | 7 | 1 |
| blue |  | 8 |

</details>

## Notes

- No blue images.
`);
});

it("keeps plots apart whose columns have like names, and columns whose names have bars", async () => {
  const [plot] = result.plots;
  const plots = [plot!, { ...plot!, title: "again" }];
  const tables = [{ title: "T", columns: ["a|b"], rows: [["c"]] }];
  const path = await writeResult(folder, suite, { ...result, plots, tables }, { source: "twice.csv" }, "twice");
  const files = ["twice-by-colour.svg", "twice-by-colour-2.svg"];
  expect(JSON.parse(readFileSync(path, "utf8")).plots.map(({ file }: { file: string }) => file)).toEqual(files);
  const page = readFileSync(join(folder, "twice.md"), "utf8");
  for (const file of files) expect(page).toContain(`(${file})`);
  expect(page).toContain("| a\\|b |");
  expect([fileName("Größe (cm)"), fileName("国籍"), fileName("sex*race")]).toEqual(["größe-cm", "国籍", "sex-race"]);
});
