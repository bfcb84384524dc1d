import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A child process that answers each line of JSON with a line of JSON. */
export interface LineProcess {
  /**
   * Sends a request and waits for its answer.
   *
   * @throws Error when the process ends instead, with the end of what it wrote to standard error, or answers `{"error": …}`.
   */
  ask<Answer>(request: unknown): Promise<Answer>;
  /** Ends it: closes its input, and kills it if it is still there after a moment. */
  close(): Promise<void>;
}

/** How long a process may take to end by itself. */
const patienceMilliseconds = 2000;
const keptErrorCharacters = 4000;

/** Starts a process. Lines that are no JSON objects are what libraries print, and are skipped. */
export function startLineProcess({ file, args, environment = {} }: Command, signal?: AbortSignal): LineProcess {
  const child = spawn(file, args, { env: { ...process.env, ...environment }, stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  let waiting: { resolve(line: string): void; reject(error: Error): void } | undefined;
  let end: Error | undefined;

  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-keptErrorCharacters);
  });
  // Its death is reported by "close"; a broken pipe says nothing more.
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith("{")) return;
    waiting?.resolve(line);
    waiting = undefined;
  });
  const fail = (error: Error) => {
    end ??= error;
    waiting?.reject(end);
    waiting = undefined;
  };
  const ended = new Promise<void>((resolve) => {
    child.on("error", (error) => {
      fail(new Error(`${file} cannot be started: ${error.message}`));
      resolve();
    });
    child.on("close", (code, signalName) => {
      fail(new Error(`${[file, ...args].join(" ")} ended with ${signalName ?? `code ${code}`}: ${lastLine(errors)}`));
      resolve();
    });
  });
  const abort = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", abort, { once: true });

  return {
    async ask<Answer>(request: unknown) {
      if (end !== undefined) throw end;
      if (waiting !== undefined) throw new Error("internal: a line process was asked before it had answered");
      const line = await new Promise<string>((resolve, reject) => {
        waiting = { resolve, reject };
        child.stdin.write(`${JSON.stringify(request)}\n`);
      });
      const answer = JSON.parse(line) as Answer & { error?: string };
      if (typeof answer.error === "string") throw new Error(answer.error);
      return answer;
    },
    async close() {
      signal?.removeEventListener("abort", abort);
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), patienceMilliseconds);
      await ended;
      clearTimeout(timer);
    },
  };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "it printed nothing";
}
