// Prints where the time of a program went, from the file that VITSCALE_PROFILE makes ONNX Runtime write:
//   VITSCALE_PROFILE=profile npx pnpm vitscale train …   then   node scripts/profile.mjs profile-step_….json
import { readFileSync } from "node:fs";

const [file, rows = "25"] = process.argv.slice(2);
if (!file) {
  console.error("usage: node scripts/profile.mjs FILE [ROWS]");
  process.exit(1);
}
const events = JSON.parse(readFileSync(file, "utf8"));
// The fastest run is the one that other programs disturbed least; the first one also fills caches.
const runs = events.filter(({ name }) => name === "model_run").slice(1);
const run = runs.reduce((best, other) => (other.dur < best.dur ? other : best));
const kernels = events.filter(
  ({ cat, name, ts }) => cat === "Node" && name.endsWith("_kernel_time") && ts >= run.ts && ts < run.ts + run.dur,
);

const shapes = (list) => (list ?? []).map((entry) => `[${Object.values(entry)[0]}]`).join(" ");
const byOperator = new Map();
const byShape = new Map();
for (const { args, dur } of kernels) {
  const operator = args.op_name.startsWith("Kernel") ? "native kernels" : args.op_name;
  const call = `${args.op_name} ${shapes(args.input_type_shape)} -> ${shapes(args.output_type_shape)}`;
  for (const [table, key] of [
    [byOperator, operator],
    [byShape, call],
  ]) {
    const entry = table.get(key) ?? { count: 0, time: 0 };
    table.set(key, { count: entry.count + 1, time: entry.time + dur });
  }
}

const milliseconds = (microseconds) => (microseconds / 1000).toFixed(1).padStart(8);
const inside = kernels.reduce((sum, { dur }) => sum + dur, 0);
console.log(
  `fastest of ${runs.length} runs: ${milliseconds(run.dur)} ms, of which ${milliseconds(inside)} ms in operators`,
);
for (const [title, table, limit] of [
  ["by operator", byOperator, byOperator.size],
  ["by call", byShape, Number(rows)],
]) {
  console.log(`\n${title} (ms, count)`);
  for (const [key, { count, time }] of [...table].sort(([, a], [, b]) => b.time - a.time).slice(0, limit)) {
    console.log(`${milliseconds(time)} ${String(count).padStart(5)}  ${key.slice(0, 200)}`);
  }
}
