import { describe, expect, it } from "vitest";
import { type Command, helpText, parseCommand } from "./arguments.ts";

const train: Command = {
  positionals: ["CONFIG"],
  options: {
    out: { type: "text", value: "DIR", help: "folder of the run" },
    resume: { type: "flag", help: "go on" },
    set: { type: "texts", value: "FIELD=VALUE", help: "override" },
  },
  help: "Trains.",
  run: async () => 0,
};
const commands = { train, engines: { ...train, positionals: [], options: {} } };
const parse = (...argv: string[]) => parseCommand(commands, argv).args;

describe("the command line", () => {
  it("reads positionals, flags, texts, and values that begin with a dash", () => {
    expect(parse("train", "a.ts", "--out", "runs/a", "--set", "x=1", "--resume", "--set=y=-2")).toEqual({
      positionals: ["a.ts"],
      flags: new Set(["resume"]),
      texts: { out: ["runs/a"], set: ["x=1", "y=-2"] },
    });
  });

  it.each([
    [["trian", "a.ts"], 'there is no command "trian"; did you mean "train"?; the commands are train, engines'],
    [[], 'there is no command ""; the commands are train, engines'],
    [["train", "a.ts", "--outt", "b"], 'vitscale train has no option --outt; did you mean "out"?'],
    [["train", "a.ts", "--out"], "--out needs a value: --out DIR"],
    [["train", "a.ts", "--out", "a", "--out", "b"], "--out was given twice"],
    [["train", "a.ts", "--resume=yes"], '--resume takes no value, but "yes" was given'],
    [["train"], "vitscale train CONFIG was given 0 of 1 arguments"],
    [["engines", "x"], "vitscale engines was given 1 of 0 arguments"],
  ])("explains %j", (argv, message) => {
    expect(() => parse(...argv)).toThrow(message);
  });

  it("prints its help", () => {
    expect(helpText({ train })).toBe(
      [
        "Usage: vitscale COMMAND",
        "",
        "  train CONFIG",
        "      Trains.",
        "      --out DIR            folder of the run",
        "      --resume             go on",
        "      --set FIELD=VALUE    override",
        "",
      ].join("\n"),
    );
  });
});
