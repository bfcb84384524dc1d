// Measures the dashboard on a folder of runs: how long list and charts take, and how much memory it holds.
//
//     npx tsx --conditions=@vitscale/source apps/dashboard/test/measure.ts FOLDER [MEMORY-MIB]
import { mkdtempSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { dashboard } from "../src/server/server.ts";
import type { RunList } from "../src/shared/api.ts";

const [folder = "runs", memory = "512"] = process.argv.slice(2);
const page = mkdtempSync(join(tmpdir(), "page-"));
writeFileSync(join(page, "index.html"), "");

const say = (text: string) => process.stdout.write(`${text}\n`);
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(3)} s`;
async function timed<T>(what: string, task: () => Promise<T>): Promise<T> {
  const times: number[] = [];
  let result!: T;
  for (let round = 0; round < 5; round++) {
    const begun = performance.now();
    result = await task();
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  say(`${what.padEnd(52)} median ${seconds(times[2]!)}, most ${seconds(times[4]!)}`);
  return result;
}

say(`load average ${loadavg()[0]!.toFixed(2)}`);
const begun = performance.now();
const served = await dashboard(folder, { page, memoryBytes: Number(memory) * 2 ** 20 });
say(`from start to listening                              ${seconds(performance.now() - begun)}`);
const base = served.url;
const list = await timed<RunList>(
  "list, while metrics are read",
  async () => (await (await fetch(`${base}api/runs`)).json()) as RunList,
);
await served.warm;
say(`metrics of ${list.runs.length} runs read after                     ${seconds(performance.now() - begun)}`);
await timed("list, warm", async () => (await fetch(`${base}api/runs`)).text());

const ids = list.runs.map(({ id }) => id);
const ask = (body: object) => async () => {
  const query = { metrics: ["train/loss"], axis: "step", points: 600, smoothing: 0.9, ...body };
  const headers = { "content-type": "application/json", origin: new URL(base).origin };
  return (await fetch(`${base}api/curves`, { method: "POST", headers, body: JSON.stringify(query) })).text();
};
await timed("chart of 1 run", ask({ runs: ids.slice(0, 1) }));
await timed("chart of 20 runs", ask({ runs: ids.slice(0, 20) }));
await timed("chart of 20 runs, zoomed", ask({ runs: ids.slice(0, 20), from: 4000, to: 5000 }));
await timed("chart of 100 runs", ask({ runs: ids.slice(0, 100), points: 240 }));
await timed(`chart of all ${ids.length} runs`, ask({ runs: ids, points: 40 }));
await timed("chart of 20 groups of 5 runs", async () => {
  const groups = Array.from({ length: 20 }, (_, i) => ({ name: `${i}`, runs: ids.slice(5 * i, 5 * i + 5) }));
  return ask({ runs: ids.slice(0, 100), groups })();
});
say(`memory of the process                                ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
say(`load average ${loadavg()[0]!.toFixed(2)}`);
await served.close();
