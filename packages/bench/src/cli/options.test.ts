import { describe, expect, it } from "vitest";
import { claims } from "../claims/index.ts";
import { main } from "./main.ts";
import { parseRequest } from "./options.ts";

const parse = (...argv: string[]) => parseRequest(argv, claims);

describe("the command line of bench", () => {
  it("measures a choice of the claims quickly into runs/bench unless told otherwise", () => {
    const choice = claims.filter(({ isInChoice }) => isInChoice !== false);
    expect(choice.length).toBeLessThan(claims.length);
    expect(parse()).toEqual({
      kind: "run",
      claims: choice,
      scale: "quick",
      out: "runs/bench",
      ...{ fresh: false, strict: false, data: {} },
    });
    expect(parse("--full", "--fresh", "--out", "x")).toMatchObject({ claims, scale: "full", out: "x", fresh: true });
    expect(parse("--only", "pooling")).toMatchObject({ scale: "quick", claims: [{ name: "pooling" }] });
  });

  it("takes names of claims with commas or one by one", () => {
    const names = (...argv: string[]) => (parse(...argv) as { claims: typeof claims }).claims.map(({ name }) => name);
    expect(names("--only", "mfu,qk-norm")).toEqual(["qk-norm", "mfu"]);
    expect(names("--only", "mfu", "--only=biases")).toEqual(["biases", "mfu"]);
  });

  it("names the nearest of what it does not know", () => {
    expect(() => parse("--only", "qk-nrm")).toThrow(
      /^there is no claim "qk-nrm"; did you mean "qk-norm"\? The claims are /,
    );
    expect(() => parse("--ful")).toThrow('pnpm bench has no option --ful; did you mean "full"?');
    expect(() => parse("mfu")).toThrow('"mfu" is no option; claims are chosen by --only NAME,…');
    expect(() => parse("--out")).toThrow("--out needs a value; see --help");
    const here = import.meta.dirname;
    expect(parse("--data", `mvh=${here}`, "--data", "labels=.")).toMatchObject({ data: { mvh: here, labels: "." } });
    expect(() => parse("--data", "label=/x")).toThrow(
      /^no claim reads data "label"; did you mean "labels"\? The names are /,
    );
    expect(() => parse("--data", "jft=/x")).toThrow(
      'no claim reads data "jft"; the names are cifar10, model-vs-human, mvh,',
    );
    expect(() => parse("--data", "cifar10=/x")).toThrow('--data cifar10=/x: there is no folder "/x"');
    expect(() => parse("--data", "mvh=/x=y")).toThrow('--data mvh=/x=y: there is no folder "/x=y"');
    expect(() => parse("--data", "/x/a")).toThrow('--data "/x/a" names no folder; give --data NAME=DIR');
    expect(() => parse("--full=yes")).toThrow('--full takes no value, but "yes" was given');
  });

  it("prints help and the list, and a mistake without a stack", async () => {
    const written: string[] = [];
    const console = {
      out: (text: string) => written.push(`out ${text}`),
      error: (text: string) => written.push(`error ${text}`),
    };
    expect(await main(["--help"], claims, console)).toBe(0);
    expect(await main(["--list"], claims, console)).toBe(0);
    expect(await main(["--only", "x"], claims, console)).toBe(2);
    expect(written[0]).toContain("Usage: pnpm bench [options]");
    for (const { name } of claims) expect(written[1]).toContain(`${name}: `);
    expect(written[2]).toMatch(/^error there is no claim "x"; the claims are .*\n$/);
  });
});
