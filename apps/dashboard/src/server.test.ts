import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runServer } from "./server.ts";

describe("runServer", () => {
  const folder = mkdtempSync(join(tmpdir(), "runs-"));
  const server = runServer(folder);
  let base = "";

  beforeAll(async () => {
    const write = (name: string, text: string) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "run.json"), text);
    };
    const info = { status: "finished", step: 10, steps: 10, summary: { "validation/top-1": 0.5 } };
    write("older", JSON.stringify({ ...info, updated: "2026-01-01T00:00:00Z" }));
    write("<b>newer", JSON.stringify({ ...info, updated: "2026-01-02T00:00:00Z" }));
    write("torn", '{"status": "runn');
    mkdirSync(join(folder, "not-a-run"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("lists runs, newest first, and a damaged record as such", async () => {
    const runs = (await (await fetch(`${base}/api/runs`)).json()) as { name: string; status: string }[];
    expect(runs.map(({ name }) => name)).toEqual(["<b>newer", "older", "torn"]);
    expect(runs[2]?.status).toBe("unreadable");
  });

  it("shows names as text", async () => {
    const page = await (await fetch(`${base}/`)).text();
    expect(page).toContain("&lt;b&gt;newer");
    expect(page).not.toContain("<b>newer");
    expect(page).toContain("validation/top-1 0.5000");
  });

  it("answers nothing else", async () => {
    expect((await fetch(`${base}/../etc`)).status).toBe(404);
    expect((await fetch(`${base}/`, { method: "POST" })).status).toBe(405);
  });
});
