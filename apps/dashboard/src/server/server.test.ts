import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunChanges, RunDetail, RunList } from "../shared/api.ts";
import { type Dashboard, dashboard } from "./server.ts";

const root = mkdtempSync(join(tmpdir(), "dashboard-"));
const folder = join(root, "runs");
const page = join(root, "page");
let served: Dashboard;
let base: URL;

const now = () => new Date().toISOString();
const info = (more: object = {}) => ({
  ...{
    schema: 1,
    name: "a run",
    status: "finished",
    config: { batchSize: 8, model: { width: 4 } },
    seed: 0,
    step: 2,
    steps: 2,
  },
  ...{ started: now(), updated: now(), resumed: [], summary: { "validation/top1": 0.5 }, ...more },
});
function makeRun(
  id: string,
  fields: object = {},
  rows = [`{"step":1,"time":1,"train/loss":2}`, `{"step":2,"time":2,"train/loss":1}`],
) {
  mkdirSync(join(folder, id), { recursive: true });
  writeFileSync(join(folder, id, "run.json"), JSON.stringify(info(fields)));
  writeFileSync(join(folder, id, "metrics.jsonl"), rows.map((row) => `${row}\n`).join(""));
}

/** A request as the network carries it: `fetch` would tidy the path and keep the Host. */
function raw(path: string, { method = "GET", headers = {}, body = "", at = base } = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const sent = request({ host: at.hostname, port: at.port, path, method, headers }, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
const json = async <T>(path: string): Promise<T> => JSON.parse((await raw(path)).text);
const write = (body: unknown, headers: Record<string, string> = {}) =>
  raw("/api/annotation", {
    method: "PUT",
    headers: { "content-type": "application/json", origin: base.origin, ...headers },
    body: JSON.stringify(body),
  });
async function until(check: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("it did not come true");
}
/** A number once it has stayed the same for several looks at the folder. */
async function settled(count: () => number): Promise<number> {
  for (let last = -1; last !== count(); await new Promise((resolve) => setTimeout(resolve, 200))) last = count();
  return count();
}
const find = async (id: string) => (await json<RunList>("/api/runs")).runs.find((run) => run.id === id);

beforeAll(async () => {
  mkdirSync(page);
  writeFileSync(join(page, "index.html"), "<!doctype html><title>Vitscale</title>");
  writeFileSync(join(page, "app.js"), "");
  writeFileSync(join(root, "outside.png"), "outside");
  makeRun("plain");
  makeRun("sweep/deep/seed1", { group: "sweep" });
  makeRun('<img src=x onerror="alert(1)">', { name: "<b>bold</b>" });
  makeRun("killed", { status: "running", updated: "2026-01-01T00:00:00Z" });
  makeRun("future", { started: "2999-01-01T00:00:00Z", updated: "2999-01-01T00:00:00Z" });
  makeRun("damaged-rows", {}, [
    `{"step":1,"time":1,"train/loss":2}`,
    "garbage",
    `{"step":3,"time":3,"train/loss":"NaN"}`,
  ]);
  appendFileSync(join(folder, "damaged-rows/metrics.jsonl"), '{"step":4,"ti');
  makeRun("diverged", { summary: { "validation/loss": "NaN" } });
  makeRun("torn");
  writeFileSync(join(folder, "torn/run.json"), '{"schema": 1, "na');
  makeRun("newer", { schema: 2 });
  makeRun("mistyped", { status: 5, name: {}, config: [1, 2], updated: "never" }, []);
  utimesSync(join(folder, "mistyped/run.json"), 1e9, 1e9);
  mkdirSync(join(folder, "plain/media"));
  mkdirSync(join(folder, "plain/evals"));
  writeFileSync(join(folder, "plain/media/train-batch-00000000.png"), "png");
  writeFileSync(
    join(folder, "plain/evals/validation-00000002.json"),
    '{"name":"validation","step":2,"metrics":{"top1":0.5}}',
  );
  writeFileSync(join(folder, "plain/evals/torn-00000002.json"), '{"name":');
  writeFileSync(
    join(folder, "plain/events.jsonl"),
    '{"time":1,"step":0,"kind":"started","text":"the run began"}\nnonsense\n{"half',
  );
  symlinkSync(join(root, "outside.png"), join(folder, "plain/media/link.png"));
  symlinkSync(root, join(folder, "way-out"));
  mkdirSync(join(root, "outside"));
  writeFileSync(join(root, "outside/secret-00000001.json"), "{}");
  writeFileSync(join(root, "outside/secret.png"), "outside");
  makeRun("linked");
  for (const name of ["evals", "media"]) symlinkSync(join(root, "outside"), join(folder, "linked", name));
  mkdirSync(join(folder, "plain/media/below"));
  symlinkSync(join(root, "outside"), join(folder, "plain/media/below/linked"));
  mkdirSync(join(folder, "bench/reports"), { recursive: true });
  writeFileSync(join(folder, "bench/reports/2026-01-01.json"), '{"started":"2026-01-01","scale":"quick","claims":[]}');
  writeFileSync(join(folder, "bench/reports/other.json"), "{}");
  served = await dashboard(folder, { page, everyMs: 20 });
  base = new URL(served.url);
  await served.warm;
});
afterAll(async () => {
  await served.close();
  rmSync(root, { recursive: true });
});

describe("runs", () => {
  it("are found at any depth, with configuration and last metrics", async () => {
    const { runs } = await json<RunList>("/api/runs");
    expect(runs.map(({ id }) => id).sort()).toContain("sweep/deep/seed1");
    const plain = runs.find(({ id }) => id === "plain");
    expect(plain).toMatchObject({
      config: { batchSize: 8, "model.width": 4 },
      metrics: { "train/loss": 1, "validation/top1": 0.5 },
      problems: [],
    });
    expect(runs.some(({ id }) => id.startsWith("way-out"))).toBe(false);
  });

  it("that diverged show no older value in place of the last", async () => {
    expect((await find("damaged-rows"))?.metrics).toMatchObject({ "train/loss": null });
    expect((await find("diverged"))?.metrics).toMatchObject({ "train/loss": 1, "validation/loss": null });
  });

  it("that are damaged, silent or ahead of the clock are shown as such", async () => {
    expect(await find("torn")).toMatchObject({
      status: "unreadable",
      problems: [expect.stringContaining("run.json cannot be read")],
    });
    expect(await find("newer")).toMatchObject({
      status: "unreadable",
      problems: [expect.stringContaining("schema 2")],
    });
    expect(await find("killed")).toMatchObject({ status: "killed" });
    expect(await find("mistyped")).toMatchObject({
      ...{ status: "killed", updated: 1e12, name: "mistyped" },
      problems: [
        "run.json has no status that this version knows; it is taken for running until it falls silent",
        "run.json does not say when it was updated; the time of its file is taken",
        "run.json has no configuration",
      ],
    });
    expect(await find("future")).toMatchObject({ problems: [expect.stringContaining("future")] });
    const detail = await json<RunDetail>("/api/run?run=damaged-rows");
    expect(detail.problems).toEqual([
      "metrics.jsonl: line 2 is no row of metrics and left out",
      "metrics.jsonl ends in 13 bytes of a line that is not finished",
    ]);
  });

  it("change live, also when they vanish", async () => {
    const seen: RunChanges[] = [];
    const stream = await fetch(new URL("/api/live", base));
    const reader = stream.body!.getReader();
    const listen = (async () => {
      let buffer = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        buffer += new TextDecoder().decode(part.value);
        const events = buffer.split("\n\n");
        buffer = events.pop()!;
        for (const event of events) {
          const data = /^event: changes\ndata: (.*)$/m.exec(event)?.[1];
          if (data !== undefined) seen.push(JSON.parse(data));
        }
      }
    })();
    makeRun("live", { status: "running", step: 2, steps: 9 });
    await until(() => seen.some(({ changed }) => changed.some(({ id }) => id === "live")));
    appendFileSync(join(folder, "live/metrics.jsonl"), '{"step":5,"time":9,"train/loss":0.25}\n');
    await until(() =>
      seen.some(({ changed }) => changed.some(({ step, metrics }) => step === 5 && metrics["train/loss"] === 0.25)),
    );
    const timesChanged = () => seen.filter(({ changed }) => changed.some(({ id }) => id === "live")).length;
    mkdirSync(join(folder, "live/evals"));
    const before = await settled(timesChanged);
    writeFileSync(join(folder, "live/evals/corruptions-00000005.json"), "{}");
    await until(() => timesChanged() > before);
    // A report that goes on tells nothing about runs.
    const reportsOf = () => seen.filter(({ areReportsOther }) => areReportsOther).length;
    expect(reportsOf()).toBe(0);
    appendFileSync(join(folder, "bench/reports/2026-01-01.json"), "\n");
    await until(() => reportsOf() === 1);
    rmSync(join(folder, "live"), { recursive: true });
    await until(() => seen.some(({ gone }) => gone.includes("live")));
    await reader.cancel();
    await listen;
    expect((await raw("/api/run?run=live")).status).toBe(404);
  });

  it("are lost and found again with their folder", async () => {
    const moved = `${folder}-moved`;
    const { renameSync } = await import("node:fs");
    renameSync(folder, moved);
    await until(async () => (await json<RunList>("/api/runs")).problems.length > 0);
    expect(await json<RunList>("/api/runs")).toMatchObject({
      runs: [],
      problems: ["the folder that is served cannot be read: it does not exist"],
    });
    renameSync(moved, folder);
    await until(async () => (await json<RunList>("/api/runs")).runs.length > 5);
  });
});

describe("files of a run", () => {
  it("are listed and read: evaluations, pictures, events, reports", async () => {
    const detail = await json<RunDetail>("/api/run?run=plain");
    expect(detail.evaluations).toEqual([
      { path: "evals/torn-00000002.json", name: "torn", step: 2 },
      { path: "evals/validation-00000002.json", name: "validation", step: 2 },
    ]);
    expect(detail.media).toEqual([{ path: "media/train-batch-00000000.png", name: "train-batch", step: 0 }]);
    expect(detail.events).toEqual([{ time: 1, step: 0, kind: "started", text: "the run began" }]);
    expect(detail.problems).toEqual(["events.jsonl: 1 lines are no events and left out"]);
    const picture = await raw("/api/picture?run=plain&path=media/train-batch-00000000.png");
    expect(picture).toMatchObject({ status: 200, text: "png" });
    expect(picture.headers["content-type"]).toBe("image/png");
    expect((await raw("/api/evaluation?run=plain&path=evals/torn-00000002.json")).text).toContain("cannot be read");
    expect(await json("/api/reports")).toEqual([
      { path: "bench/reports/2026-01-01.json", runs: "bench/runs", started: "2026-01-01", scale: "quick", status: "" },
    ]);
  });

  it("stay inside of the run: no link, no dots however they are written, no absolute path", async () => {
    for (const path of [
      ...[
        "media/link.png",
        "../../outside.png",
        "..%2f..%2foutside.png",
        "%2e%2e/%2e%2e/outside.png",
        "%252e%252e/outside.png",
      ],
      ...[
        "/etc/hostname",
        `${encodeURIComponent(join(root, "outside.png"))}`,
        "media/..%5c..%5coutside.png",
        "run.json",
        "media%00.png",
      ],
    ]) {
      const answer = await raw(`/api/picture?run=plain&path=${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).not.toContain("outside\n");
    }
    for (const run of ["..", "../runs/plain", "/", "way-out", "plain/../plain", "%2e%2e"]) {
      expect((await raw(`/api/run?run=${run}`)).status).toBe(404);
    }
    for (const path of [
      "/../outside.png",
      "/%2e%2e/outside.png",
      "/page/../../outside.png",
      "/page/%2e%2e%2foutside.png",
      "//etc/passwd",
    ]) {
      expect((await raw(path)).status).toBe(404);
    }
    expect((await raw("/api/report?path=../outside.png")).status).toBe(404);
    expect((await raw("/api/evaluation?run=plain&path=run.json")).status).toBe(500);
  });

  it("are not even named where a folder of theirs is a link", async () => {
    const { evaluations, media } = await json<RunDetail>("/api/run?run=linked");
    expect({ evaluations, media }).toEqual({ evaluations: [], media: [] });
    expect((await raw("/api/run?run=plain")).text).not.toContain("secret");
    for (const path of ["media/secret.png", "evals/secret-00000001.json"]) {
      expect((await raw(`/api/picture?run=linked&path=${path}`)).status).toBe(404);
      expect((await raw(`/api/evaluation?run=linked&path=${path}`)).status).toBe(404);
    }
  });

  it("are shown where the served folder is itself a run", async () => {
    const alone = await dashboard(join(folder, "plain"), { page });
    try {
      const at = new URL(alone.url);
      const { runs } = JSON.parse((await raw("/api/runs", { at })).text) as RunList;
      expect(runs).toMatchObject([{ id: ".", name: "a run", group: "", status: "finished", step: 2 }]);
      const detail = JSON.parse((await raw("/api/run?run=.", { at })).text) as RunDetail;
      expect(detail).toMatchObject({ id: ".", metricNames: ["train/loss"] });
    } finally {
      await alone.close();
    }
  });

  it("are exported at full resolution", async () => {
    const { text, headers } = await raw("/api/metrics.csv?run=plain&run=damaged-rows&metric=train/loss");
    expect(text.split("\r\n")).toEqual([
      "run,step,seconds,train/loss",
      "plain,1,0,2",
      "plain,2,1,1",
      "damaged-rows,1,0,2",
      "damaged-rows,3,2,NaN",
      "",
    ]);
    expect(headers["content-disposition"]).toBe('attachment; filename="metrics.csv"');
  });
});

describe("access", () => {
  it("carries a strict policy, and lets no page frame or sniff it", async () => {
    const { headers } = await raw("/");
    const policy = headers["content-security-policy"] as string;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    const picture = await raw("/api/picture?run=plain&path=media/train-batch-00000000.png");
    expect(picture.headers["content-security-policy"]).toContain("sandbox");
  });

  it("refuses a foreign Host, so that a rebound name reads nothing", async () => {
    expect((await raw("/api/runs", { headers: { host: "evil.example" } })).status).toBe(403);
    expect((await raw("/api/runs", { headers: { host: `localhost:${base.port}` } })).status).toBe(200);
  });

  it("answers no other method and no other address", async () => {
    expect((await raw("/", { method: "DELETE", headers: { origin: base.origin } })).status).toBe(404);
    expect((await raw("/nothing")).status).toBe(404);
    expect(await raw("/", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    expect((await raw("/api/live", { method: "HEAD" })).status).toBe(404);
  });

  it("needs a token on another address, and keeps it in a cookie instead of the address", async () => {
    const open = await dashboard(folder, { page, host: "0.0.0.0", token: "a+b & c" });
    try {
      const at = new URL(open.url);
      at.hostname = "127.0.0.1";
      expect(at.searchParams.get("token")).toBe("a+b & c");
      const ask = (path: string, headers = {}) => raw(path, { at, headers });
      expect((await ask("/api/runs")).status).toBe(401);
      expect((await ask("/api/runs?token=guess")).status).toBe(401);
      const entered = await ask(`/${at.search}&view=1`);
      expect(entered).toMatchObject({ status: 303, headers: { location: "/?view=1" } });
      const [cookie] = entered.headers["set-cookie"] as string[];
      expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
      expect(cookie).not.toContain("a+b");
      expect((await ask("/api/runs", { cookie: cookie!.split(";")[0]! })).status).toBe(200);
    } finally {
      await open.close();
    }
  });

  it("refuses a token that everyone could show", async () => {
    await expect(dashboard(folder, { page, host: "0.0.0.0", token: "" })).rejects.toThrow(
      "the token is empty, which would let everyone in; leave it out and one is made",
    );
  });
});

describe("stars and notes", () => {
  it("are kept in one file that is replaced as a whole, and nothing else is written", async () => {
    const files = () =>
      (readdirSync(folder, { recursive: true }) as string[]).filter((name) => !name.startsWith("way-out"));
    const before = files();
    expect((await write({ run: "plain", star: true, note: "<script>alert(1)</script>" })).status).toBe(200);
    expect(await find("plain")).toMatchObject({ star: true, note: "<script>alert(1)</script>" });
    await Promise.all(Array.from({ length: 20 }, (_, i) => write({ run: "killed", star: false, note: `${i}` })));
    expect(Object.keys(JSON.parse(readFileSync(join(folder, ".dashboard.json"), "utf8")).runs)).toEqual([
      "plain",
      "killed",
    ]);
    expect(files().filter((name) => !before.includes(name))).toEqual([".dashboard.json"]);
  });

  it("are refused from another origin, from none, and as a form", async () => {
    const body = { run: "plain", star: false, note: "changed" };
    expect((await write(body, { origin: "http://evil.example" })).status).toBe(403);
    expect((await write(body, { origin: "" })).status).toBe(403);
    expect((await write(body, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await write(body, { "content-type": "text/plain" })).status).toBe(415);
    expect((await find("plain"))!.star).toBe(true);
  });

  it("are refused when they are none", async () => {
    const refused = async (body: unknown) => JSON.parse((await write(body)).text).error;
    expect(await refused({ run: "absent", star: true, note: "" })).toBe('there is no run "absent" in this folder');
    expect(await refused({ run: "plain", star: "yes", note: "" })).toBe('"star" must be true or false');
    expect(await refused({ run: "plain", star: true, note: "x".repeat(10_001) })).toBe(
      '"note" must be text of 10000 characters at most',
    );
    expect(await refused([])).toBe("the request must carry an object");
    expect((await write("x".repeat(3 << 20))).status).toBe(413);
  });

  it("are not overwritten when their file is damaged", async () => {
    const path = join(folder, ".dashboard.json");
    const kept = readFileSync(path, "utf8");
    writeFileSync(path, "{");
    utimesSync(path, new Date(), new Date());
    const answer = await write({ run: "plain", star: true, note: "" });
    expect(JSON.parse(answer.text).error).toContain("repair or remove it first");
    expect(readFileSync(path, "utf8")).toBe("{");
    writeFileSync(path, kept);
    expect(existsSync(path)).toBe(true);
  });
});

describe("queries", () => {
  const post = (path: string, body: unknown) =>
    raw(path, {
      method: "POST",
      headers: { "content-type": "application/json", origin: base.origin },
      body: JSON.stringify(body),
    });

  it("bring curves", async () => {
    const query = { runs: ["plain", "absent"], metrics: ["train/loss"], axis: "examples", points: 50, smoothing: 0 };
    expect(JSON.parse((await post("/api/curves", query)).text)).toEqual({
      metrics: [
        { name: "train/loss", curves: [{ run: "plain", raw: { x: [8, 16], y: [2, 1] }, count: 2 }], bands: [] },
      ],
      missing: [],
    });
  });

  it("name the field that is wrong", async () => {
    const query = { runs: [], metrics: [], axis: "step", points: 50, smoothing: 0 };
    const error = async (change: object) => JSON.parse((await post("/api/curves", { ...query, ...change })).text).error;
    expect(await error({ runs: "plain" })).toBe('"runs" must be a list of at most 10000 names');
    expect(await error({ axis: "age" })).toBe('"axis" must be one of step, examples, time, flops');
    expect(await error({ points: 0 })).toBe('"points" must be a whole number from 1 to 20000');
    expect(await error({ smoothing: 1 })).toBe('"smoothing" must be a number from 0 to below 1');
  });
});
