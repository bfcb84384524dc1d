import { join } from "node:path";

/**
 * The folder of a data set: `data/NAME`, or `NAME` in the folder that `--data` or the environment variable VITSCALE_DATA names.
 * Configurations call it, so that they run wherever the data lie.
 */
export function dataFolder(name: string): string {
  return join(process.env.VITSCALE_DATA || "data", name);
}
