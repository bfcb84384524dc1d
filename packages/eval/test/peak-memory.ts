/**
 * How much the memory of a process grows while suites go through tables that come in parts, as JSON: `{"table": bytes, "growth": bytes}`, the
 * bytes being those of the vectors of each table.
 *
 *     node --expose-gc --conditions=@vitscale/source --import tsx test/peak-memory.ts [PARTS]
 *
 * A part has 4 MB of vectors; a table 32 of them by default.
 */
import { random } from "@vitscale/core";
import {
  accumulateAll,
  makeSuite,
  numberColumn,
  type SuiteName,
  type Table,
  table,
  textColumn,
  vectorColumn,
} from "@vitscale/eval";

const parts = Number(process.argv[2] ?? 32);
const size = 2 ** 20;
const numbers = Float32Array.from(random.threefryBits(1, 2, size), (word) => word * 2 ** -31);

const vectors = (rows: number, width: number) => vectorColumn(numbers.slice(0, rows * width), width);
const numbered = (rows: number, count: number) =>
  numberColumn(Int32Array.from({ length: rows }, (_, row) => (7 * row) % count));
const texts = (rows: number, textOf: (row: number) => string) =>
  textColumn(Array.from({ length: rows }, (_, row) => textOf(row)));

/** 4096 rows of 256 classes, each part of one corruption. */
function scored(number: number): Table {
  const [rows, classes] = [size / 256, 256];
  const corruption = ["", "fog", "snow"][number % 3]!;
  return table({
    scores: vectors(rows, classes),
    label: numbered(rows, classes),
    "texture-class": numbered(rows, classes - 1),
    corruption: texts(rows, () => corruption),
    severity: numberColumn(new Int32Array(rows).fill(corruption === "" ? 0 : 3)),
  });
}

/** 16,384 rows of 64 features, of which one in sixteen is to be detected, or to be told from those. */
function featured(): Table {
  const rows = size / 64;
  return table({
    features: vectors(rows, 64),
    scores: vectors(rows, 4),
    label: numbered(rows, 4),
    distribution: texts(rows, (row) => (row % 16 > 0 ? "train" : row % 32 > 0 ? "in" : "stripes")),
  });
}

async function go(names: readonly SuiteName[], part: (number: number) => Table, count: number): Promise<void> {
  const suites = await Promise.all(names.map((suite) => makeSuite({ suite, scores: "logits" } as { suite: "ood" })));
  function* all() {
    for (let number = 0; number < count; number++) {
      yield part(number);
      // What is needed is measured, not what lies about for a while.
      globalThis.gc?.();
    }
  }
  for (const { result } of await accumulateAll(suites, all(), { replicates: 1 })) await result();
}

const peak = () => 1024 * process.resourceUsage().maxRSS;
async function goThrough(count: number): Promise<void> {
  await go(["ood", "corruptions", "human"], scored, count);
  await go(["detection"], featured, count);
}
// What two parts cost, every table does.
await goThrough(2);
const before = peak();
await goThrough(parts);
process.stdout.write(JSON.stringify({ table: 4 * parts * size, growth: peak() - before }));
