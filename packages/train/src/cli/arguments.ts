import { parseArgs } from "node:util";
import { didYouMean, didYouMeanOneOf, nearestName } from "@vitscale/core";

/** An option of a command: a flag, a text, or a text that may be given several times. */
export interface OptionSpec {
  readonly type: "flag" | "text" | "texts";
  /** What stands for the value in the help, such as DIR. */
  readonly value?: string;
  readonly help: string;
}

/** A command of the command line. */
export interface Command {
  /** Names of the positional arguments; those in brackets, such as `[DIR]`, may be left out and come last. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Names of configuration fields that options may change: `--optimizer.weightDecay 0.1` where `optimizer` is one. */
  readonly fields?: readonly string[];
  readonly help: string;
  run(args: Arguments): Promise<number>;
}

/** What was given to a command. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** Changes of configuration fields, such as `optimizer.weightDecay=0.1`. */
  readonly overrides: readonly string[];
}

/** A mistake on the command line: the message is for the user, without a stack. */
export class UsageError extends Error {}

/**
 * Finds the command and reads its arguments.
 *
 * @throws UsageError for an unknown command or option (naming the nearest), a missing value or positional.
 */
export function parseCommand(
  commands: Readonly<Record<string, Command>>,
  argv: readonly string[],
): { command: Command; args: Arguments } {
  const [name = "", ...rest] = argv;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const names = Object.keys(commands);
    throw new UsageError(`there is no command "${name}"${didYouMeanOneOf(name, "commands", names)}`);
  }
  return { command, args: parseArguments(name, command, rest) };
}

function parseArguments(name: string, command: Command, argv: readonly string[]): Arguments {
  const { options, positionals } = command;
  const { rest, overrides } = takeFields(command, argv);
  const { tokens } = parseArgs({
    args: rest,
    options: Object.fromEntries(
      Object.entries(options).map(([key, { type }]) => [
        key,
        { type: type === "flag" ? "boolean" : "string" } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: string[] = [];
  const flags = new Set<string>();
  const texts: Record<string, string[]> = {};
  for (const token of tokens) {
    if (token.kind === "positional") given.push(token.value);
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (spec === undefined) {
      throw new UsageError(`vitscale ${name} has no option ${token.rawName}${nearestOption(token.name, command)}`);
    }
    if (spec.type === "flag") {
      if (token.value !== undefined)
        throw new UsageError(`${token.rawName} takes no value, but "${token.value}" was given`);
      flags.add(token.name);
      continue;
    }
    if (token.value === undefined)
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${spec.value}`);
    const earlier = texts[token.name] ?? [];
    if (spec.type === "text" && earlier.length > 0) throw new UsageError(`${token.rawName} was given twice`);
    texts[token.name] = [...earlier, token.value];
  }
  const required = positionals.filter((positional) => !positional.startsWith("[")).length;
  if (given.length < required || given.length > positionals.length) {
    const usage = `vitscale ${[name, ...positionals].join(" ")}`;
    const range = required === positionals.length ? `${required}` : `${required} to ${positionals.length}`;
    throw new UsageError(`${usage} was given ${given.length} of ${range} arguments`);
  }
  return { positionals: given, flags, texts, overrides };
}

/** `; did you mean "x"?`: of a path, `modle.width`, the first word says which field is meant. */
function nearestOption(given: string, { options, fields = [] }: Command): string {
  const dot = given.indexOf(".");
  if (dot < 0) return didYouMean(given, [...Object.keys(options), ...fields]);
  const field = nearestName(given.slice(0, dot), fields);
  return field === undefined ? "" : `; did you mean "${field}${given.slice(dot)}"?`;
}

/** Splits off what changes fields: `--FIELD VALUE` and `--FIELD=VALUE`, where the value may begin with a dash. */
function takeFields({ fields = [], options }: Command, argv: readonly string[]) {
  const rest: string[] = [];
  const overrides: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    const [, path, root, inline] = /^--((\w+)[\w.-]*)(?:=(.*))?$/s.exec(argument) ?? [];
    if (path === undefined || root === undefined || !fields.includes(root) || Object.hasOwn(options, path)) {
      rest.push(argument);
      continue;
    }
    const value = inline ?? argv[++i];
    if (value === undefined || (inline === undefined && value.startsWith("--"))) {
      throw new UsageError(`--${path} needs a value: --${path} VALUE`);
    }
    overrides.push(`${path}=${value}`);
  }
  return { rest, overrides };
}

/** The help text: every command with its options. */
export function helpText(commands: Readonly<Record<string, Command>>): string {
  const lines = ["Usage: vitscale COMMAND", ""];
  for (const [name, { positionals, options, fields, help }] of Object.entries(commands)) {
    lines.push(`  ${[name, ...positionals].join(" ")}`, `      ${help}`);
    const shown = Object.entries(options).map(([option, { value, help: text }]) => [
      `--${option}${value === undefined ? "" : ` ${value}`}`,
      text,
    ]);
    if (fields) shown.push(["--FIELD VALUE", "change a field, such as --optimizer.weightDecay 0.1"]);
    for (const [option = "", text] of shown) lines.push(`      ${option.padEnd(20)} ${text}`);
    lines.push("");
  }
  return lines.join("\n");
}
