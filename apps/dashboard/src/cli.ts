#!/usr/bin/env node
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { runServer } from "./server.ts";

const usage = "vitscale-dashboard [RUNS-FOLDER] [--port N]   (default: runs, port 4747, this machine only)";

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { port: { type: "string", default: "4747" }, help: { type: "boolean", default: false } },
  });
  const folder = positionals[0] ?? "runs";
  const port = Number(values.port);
  if (values.help) {
    console.log(usage);
  } else if (!existsSync(folder)) {
    throw new Error(`there is no folder "${folder}"; give the one that holds run folders`);
  } else if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`port "${values.port}" is not a number from 0 to 65535`);
  } else {
    const server = runServer(folder).listen(port, "127.0.0.1", () => {
      const address = server.address();
      console.log(`runs in ${folder}: http://127.0.0.1:${typeof address === "object" ? address?.port : port}/`);
    });
  }
} catch (error) {
  console.error(`${(error as Error).message}\n${usage}`);
  process.exitCode = 1;
}
