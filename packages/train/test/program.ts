import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const packageFolder = join(import.meta.dirname, "..");

/** Starts the command line program from its source; what it prints is collected. */
export function startProgram(...args: string[]) {
  const child = spawn(process.execPath, ["--conditions=@vitscale/source", "--import", "tsx", "src/cli.ts", ...args], {
    cwd: packageFolder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, output }));
  /** Resolves when the program has printed something that matches, or has ended. */
  const printed = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      const listener = () => {
        if (!pattern.test(output)) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
      void ended.then(() => resolve());
      listener();
    });
  return { child, ended, printed };
}
