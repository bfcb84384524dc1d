import { describeEngines } from "@vitscale/core";
import type { Command } from "../arguments.ts";
import type { Output } from "./output.ts";

/** `vitscale engines` */
export const enginesCommand = ({ out }: Output): Command => ({
  positionals: [],
  help: "Lists the engines, and why one cannot run here.",
  options: {},
  async run() {
    for (const { name, isAvailable, reason } of await describeEngines()) {
      out(`${isAvailable ? "yes" : "no "}  ${name.padEnd(16)} ${reason}\n`);
    }
    return 0;
  },
});
