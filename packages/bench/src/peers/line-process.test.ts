import { describe, expect, it } from "vitest";
import { startLineProcess } from "./line-process.ts";

/** A Node program that runs `body` for each line. */
const node = (body: string) => ({
  file: process.execPath,
  args: ["-e", `require("readline").createInterface({ input: process.stdin }).on("line", (line) => { ${body} })`],
});

describe("a process that speaks JSON lines", () => {
  it("answers requests in turn; what else it prints is skipped", async () => {
    const child = startLineProcess(
      node(`console.log("warming up"); console.log(JSON.stringify({ twice: 2 * JSON.parse(line).x }))`),
    );
    expect(await child.ask({ x: 4 })).toEqual({ twice: 8 });
    expect(await child.ask({ x: 5 })).toEqual({ twice: 10 });
    await child.close();
  });

  it("passes on an error that the process reports, and goes on", async () => {
    const child = startLineProcess(node(`console.log(line === "1" ? '{"error":"no such kernel"}' : "{}")`));
    await expect(child.ask(1)).rejects.toThrow("no such kernel");
    expect(await child.ask(2)).toEqual({});
    await child.close();
  });

  it("says how a process ended that died, with its last words", async () => {
    const child = startLineProcess(node(`console.error("ImportError: no module named torch"); process.exit(3)`));
    await expect(child.ask({})).rejects.toThrow(/ended with code 3: ImportError: no module named torch$/);
    await expect(child.ask({})).rejects.toThrow("code 3");
    await child.close();
  });

  it("names a program that is not there", async () => {
    const child = startLineProcess({ file: "no-such-python", args: [] });
    await expect(child.ask({})).rejects.toThrow("no-such-python cannot be started: spawn no-such-python ENOENT");
    await child.close();
  });

  it("is killed when the run is aborted", async () => {
    const controller = new AbortController();
    const child = startLineProcess(node(""), controller.signal);
    const asked = child.ask({});
    controller.abort();
    await expect(asked).rejects.toThrow("ended with SIGKILL");
    await child.close();
  });
});
