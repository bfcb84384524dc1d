#!/usr/bin/env node
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { dashboard } from "./server/server.ts";

const usage = `vitscale-dashboard [FOLDER]      shows the runs in a folder, or a run by its own; \`runs\` by default

  --port N         4747 by default; 0 takes a free one
  --host ADDRESS   127.0.0.1 by default: this machine only. Another address needs a token, which is printed.
  --token TEXT     the token; made up by default. VITSCALE_DASHBOARD_TOKEN is the same, and does not show in lists of processes.
  --memory MIB     for metrics, 512 by default
  --no-open        opens no browser`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      port: { type: "string", default: "4747" },
      host: { type: "string", default: "127.0.0.1" },
      token: { type: "string" },
      memory: { type: "string", default: "512" },
      open: { type: "boolean", default: true },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(usage);
  else {
    const [folder = "runs", ...others] = positionals;
    if (others.length > 0) throw new Error(`one folder can be shown, not ${positionals.length}`);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      throw new Error(`there is no folder "${folder}"; give the one that holds run folders`);
    }
    // A variable that is set to nothing is one that is not set.
    const token = values.token ?? (process.env.VITSCALE_DASHBOARD_TOKEN || undefined);
    const { url } = await dashboard(folder, {
      host: values.host,
      port: wholeNumber("--port", values.port, 0, 65_535),
      memoryBytes: wholeNumber("--memory", values.memory, 1, 1 << 20) * 2 ** 20,
      ...(token !== undefined && { token }),
    });
    console.log(`runs in ${folder}: ${url}`);
    if (values.open && process.stdout.isTTY) openBrowser(url);
  }
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${option} ${text} is not a whole number from ${least} to ${most}`);
}

/** Opens an address in the user's browser; where there is none, the printed address is all. */
function openBrowser(url: string): void {
  const [command, ...before] =
    process.platform === "darwin" ? ["open"] : process.platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
  spawn(command!, [...before, url], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
