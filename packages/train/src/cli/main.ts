import { type Command, helpText, parseCommand, UsageError } from "./arguments.ts";
import { branchCommand } from "./commands/branch.ts";
import { downloadCommand } from "./commands/download.ts";
import { enginesCommand } from "./commands/engines.ts";
import { evalCommand } from "./commands/eval.ts";
import { exportCommand } from "./commands/export.ts";
import { featuresCommand } from "./commands/features.ts";
import { type Output, standardOutput } from "./commands/output.ts";
import { runsCommand } from "./commands/runs.ts";
import { trainCommand } from "./commands/train.ts";

const commandsFor = (output: Output): Readonly<Record<string, Command>> => ({
  train: trainCommand(output),
  branch: branchCommand(output),
  eval: evalCommand(output),
  runs: runsCommand(output),
  export: exportCommand(output),
  features: featuresCommand(output),
  download: downloadCommand(output),
  engines: enginesCommand(output),
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
  const [name = "", ...rest] = argv;
  const asked = commands[name];
  if (asked && rest.some((argument) => ["--help", "-h"].includes(argument))) {
    output.out(helpText({ [name]: asked }));
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
