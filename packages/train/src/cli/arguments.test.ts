import { describe, expect, it } from "vitest";
import { type Command, helpText, parseCommand } from "./arguments.ts";

const train: Command = {
  positionals: ["CONFIG"],
  options: {
    out: { type: "text", value: "DIR", help: "folder of the run" },
    resume: { type: "flag", help: "go on" },
    set: { type: "texts", value: "FIELD=VALUE", help: "override" },
    data: { type: "text", value: "DIR", help: "folder of the data" },
  },
  fields: ["optimizer", "learningRate", "data"],
  help: "Trains.",
  run: async () => 0,
};
const commands = {
  train,
  engines: { ...train, positionals: [], options: {}, fields: [] },
  runs: { ...train, positionals: ["[DIR]"], options: {}, fields: [] },
};
const parse = (...argv: string[]) => parseCommand(commands, argv).args;

describe("the command line", () => {
  it("reads positionals, flags, texts, and values that begin with a dash", () => {
    expect(parse("train", "a.ts", "--out", "runs/a", "--set", "x=1", "--resume", "--set=y=-2")).toEqual({
      positionals: ["a.ts"],
      flags: new Set(["resume"]),
      texts: { out: ["runs/a"], set: ["x=1", "y=-2"] },
      overrides: [],
    });
  });

  it("reads changes of fields, of which an option of the same name is none", () => {
    const argv = ["--learningRate", "-3e-4", "a.ts", "--optimizer.weightDecay=0.1", "--data", "d", "--data.last=wrap"];
    expect(parse("train", ...argv)).toMatchObject({
      positionals: ["a.ts"],
      texts: { data: ["d"] },
      overrides: ["learningRate=-3e-4", "optimizer.weightDecay=0.1", "data.last=wrap"],
    });
  });

  it("reads positionals that may be left out", () => {
    expect(parse("runs").positionals).toEqual([]);
    expect(parse("runs", "elsewhere").positionals).toEqual(["elsewhere"]);
  });

  it.each([
    [["trian", "a.ts"], 'there is no command "trian"; did you mean "train"? The commands are train, engines, runs'],
    [[], 'there is no command ""; the commands are train, engines, runs'],
    [["train", "a.ts", "--outt", "b"], 'vitscale train has no option --outt; did you mean "out"?'],
    [["train", "a.ts", "--out"], "--out needs a value: --out DIR"],
    [["train", "a.ts", "--out", "a", "--out", "b"], "--out was given twice"],
    [["train", "a.ts", "--resume=yes"], '--resume takes no value, but "yes" was given'],
    [["train"], "vitscale train CONFIG was given 0 of 1 arguments"],
    [["engines", "x"], "vitscale engines was given 1 of 0 arguments"],
    [["runs", "x", "y"], "vitscale runs [DIR] was given 2 of 0 to 1 arguments"],
    [["train", "a.ts", "--lerningRate", "1"], 'has no option --lerningRate; did you mean "learningRate"?'],
    [["train", "a.ts", "--optimiser.kind", "sgd"], 'no option --optimiser.kind; did you mean "optimizer.kind"?'],
    [["train", "a.ts", "--dta.source.options.split=test"], 'did you mean "data.source.options.split"?'],
    [["train", "a.ts", "--nothing.of.it", "1"], /^vitscale train has no option --nothing.of.it$/],
    [["train", "a.ts", "--learningRate"], "--learningRate needs a value: --learningRate VALUE"],
    [["train", "a.ts", "--learningRate", "--resume"], "--learningRate needs a value: --learningRate VALUE"],
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
        "      --data DIR           folder of the data",
        "      --FIELD VALUE        change a field, such as --optimizer.weightDecay 0.1",
        "",
      ].join("\n"),
    );
  });
});
