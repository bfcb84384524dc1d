#!/usr/bin/env node
import { main } from "./cli/main.ts";

// A reader that has seen enough, such as head, closes the pipe: there is nobody to tell more.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2));
