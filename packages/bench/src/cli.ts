#!/usr/bin/env node
import { claims } from "./claims/index.ts";
import { main } from "./cli/main.ts";

process.exitCode = await main(process.argv.slice(2), claims, {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
