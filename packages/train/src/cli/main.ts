import { describeEngines, didYouMean } from "@vitscale/core";
import { type Progress as DownloadProgress, download, remoteDatasets } from "@vitscale/data";

import { dataFolder } from "../config/data-folder.ts";
import { loadConfig } from "../config/load-config.ts";
import { listenForStop } from "../stop-signal.ts";
import { train } from "../trainer.ts";
import { type Command, helpText, parseCommand, UsageError } from "./arguments.ts";

/** Where the commands write; injectable for tests. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

const commandsFor = (output: Output): Readonly<Record<string, Command>> => ({
  train: {
    positionals: ["CONFIG"],
    help: "Trains as a configuration says. Ctrl-C stops after the current step and leaves a run that can be resumed.",
    options: {
      out: { type: "text", value: "DIR", help: "folder of the run; runs/NAME by default" },
      resume: { type: "flag", help: "go on from the newest checkpoint in the folder" },
      set: { type: "texts", value: "FIELD=VALUE", help: "override a field, such as optimizer.weightDecay=0.1" },
      data: { type: "text", value: "DIR", help: "folder of the data sets (VITSCALE_DATA); data by default" },
    },
    async run({ positionals: [path = ""], flags, texts }) {
      const [data] = texts.data ?? [];
      // Configurations are modules: they read it when they are imported.
      if (data !== undefined) process.env.VITSCALE_DATA = data;
      const config = await loadConfig(path, texts.set);
      const stop = listenForStop((name) => {
        output.error(`\n${name}: finishing the step, then writing a checkpoint; once more to end at once\n`);
      });
      try {
        const [out] = texts.out ?? [];
        const resume = flags.has("resume");
        const { status } = await train(config, { ...(out !== undefined && { out }), resume, signal: stop.signal });
        return status === "finished" ? 0 : (stop.exitCode ?? 1);
      } finally {
        stop.release();
      }
    },
  },
  download: {
    positionals: ["DATASET"],
    help: "Downloads a data set into the folder of data sets.",
    options: { data: { type: "text", value: "DIR", help: "folder of the data sets (VITSCALE_DATA); data by default" } },
    async run({ positionals: [name = ""], texts }) {
      if (!isKnownDataset(name)) {
        const known = Object.keys(remoteDatasets);
        throw new UsageError(`there is no data set "${name}"${didYouMean(name, known)}; known are ${known.join(", ")}`);
      }
      const [data] = texts.data ?? [];
      if (data !== undefined) process.env.VITSCALE_DATA = data;
      const { folder, credit } = await download(name, { to: dataFolder(name), onProgress: showDownload(output) });
      output.error(`\r${name} is in ${folder}; cite ${credit}\n`);
      return 0;
    },
  },
  engines: {
    positionals: [],
    help: "Lists the engines, and why one cannot run here.",
    options: {},
    async run() {
      for (const { name, isAvailable, reason } of await describeEngines()) {
        output.out(`${isAvailable ? "yes" : "no "}  ${name.padEnd(16)} ${reason}\n`);
      }
      return 0;
    },
  },
});

/**
 * The command line program.
 *
 * @param argv arguments without the program's own name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 128 + n stopped by signal n
 */
export async function main(argv: readonly string[], output: Output = standardOutput): Promise<number> {
  const commands = commandsFor(output);
  if (argv.length === 0 || ["help", "--help", "-h"].includes(argv[0] as string)) {
    output.out(helpText(commands));
    return 0;
  }
  try {
    const { command, args } = parseCommand(commands, argv);
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError) {
      output.error(`${error.message}\nvitscale help lists the commands and their options.\n`);
      return 2;
    }
    // Messages are written for users; the stack is for those who ask.
    const { message, stack } = error as Error;
    output.error(`${process.env.VITSCALE_STACK ? stack : message}\n`);
    return 1;
  }
}

function isKnownDataset(name: string): name is keyof typeof remoteDatasets {
  return Object.hasOwn(remoteDatasets, name);
}

/** Shows a line for each whole percent that has arrived. */
function showDownload(output: Output): (progress: DownloadProgress) => void {
  let shown = "";
  return ({ file, receivedBytes, totalBytes }) => {
    const share =
      totalBytes === undefined
        ? ""
        : ` of ${megabytes(totalBytes)}, ${Math.floor((100 * receivedBytes) / totalBytes)} %`;
    const line = `${file}: ${megabytes(receivedBytes)}${share}`;
    if (line !== shown) output.error(`\r${line}`);
    shown = line;
  };
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

const standardOutput: Output = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
};
