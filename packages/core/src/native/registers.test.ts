import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocatable, allocate, type Place, pressure, temporaryRegister } from "./registers.ts";
import { type Home, type Target, type Variable, Variables, VectorCode } from "./vector-code.ts";

const symmetric = new Set(["add", "mul", "and"]);

/** What an operation computes, as text; the same text for operands in either order where the order does not matter. */
function symbol(op: string, operands: readonly string[]): string {
  return `${op}(${(symmetric.has(op) ? [...operands].sort() : operands).join()})`;
}

interface Line {
  readonly code: VectorCode;
  readonly pinned: ReadonlyMap<Variable, number>;
  /** Values that are stored, in order. */
  readonly stored: readonly string[];
  /** Values that variables from outside have at their homes and in their registers. */
  readonly outside: ReadonlyMap<Variable, string>;
}

/** Straight-line code of random operations on constants, kept and pinned variables, and on its own results. */
function line(target: Target, choices: readonly (readonly number[])[], outsiders: number, pins: number): Line {
  const variables = new Variables(target);
  const code = new VectorCode(variables);
  const outside = new Map<Variable, string>();
  const pinned = new Map<Variable, number>();
  for (let index = 0; index < outsiders + pins; index++) {
    const variable = variables.fresh();
    outside.set(variable, `outside${index}`);
    if (index < outsiders) variables.settle(variable);
    else pinned.set(variable, allocatable(target).at(-1 - pinned.size)!);
  }
  for (const constant of [1, 2, 3]) outside.set(variables.constant([constant]), `constant${constant}`);
  const values = new Map(outside);
  const known = [...outside.keys()];
  for (const [op, a, b, c] of choices as [number, number, number, number][]) {
    const pick = (choice: number) => known[known.length - 1 - (choice % known.length)]!;
    const names = ["add", "sub", "mul", "and", "sqrt", "fma", "fnma", "select", "shiftLeft"] as const;
    const name = names[op % names.length]!;
    const count =
      name === "sqrt" || name === "shiftLeft" ? 1 : name === "fma" || name === "fnma" || name === "select" ? 3 : 2;
    const from = [a, b, c].slice(0, count).map(pick);
    const result = code.apply(name, from, name === "shiftLeft" ? 1 : undefined);
    values.set(
      result,
      symbol(
        name,
        from.map((variable) => values.get(variable)!),
      ),
    );
    known.push(result);
  }
  const stored = known.slice(-6);
  for (const variable of stored) code.store("store", variable, { pointer: 0, column: 0, lanes: undefined });
  return { code, pinned, stored: stored.map((variable) => values.get(variable)!), outside };
}

/** Runs placed code on symbols: the values that it stores. */
function simulate({ code, pinned, outside }: Line): string[] {
  const { variables } = code;
  const key = (home: Home) => (home.kind === "stack" ? `slot ${home.slot}` : `constant ${home.words}`);
  const registers = new Map<number, string>();
  const homes = new Map<string, string>();
  for (const [variable, value] of outside) {
    const register = pinned.get(variable);
    if (register === undefined) homes.set(key(variables.home(variable)!), value);
    else registers.set(register, value);
  }
  const stored: string[] = [];
  const read = (place: Place) =>
    (place.kind === "register" ? registers.get(place.register) : homes.get(key(place.home))) ?? "nothing";
  for (const item of allocate(code.instructions, { variables, pinned })) {
    if (item.kind === "load") registers.set(item.to, homes.get(key(item.home)) ?? "nothing");
    else if (item.kind === "save") homes.set(key(item.home), registers.get(item.register) ?? "nothing");
    else if (item.kind === "copy") registers.set(item.to, registers.get(item.register) ?? "nothing");
    else {
      const { instruction, to, from, overwritten } = item;
      const operands = from.map(read);
      expect(from.filter(({ kind }) => kind === "home").length).toBeLessThanOrEqual(1);
      if (overwritten !== undefined) expect(from[overwritten]).toEqual({ kind: "register", register: to });
      if (instruction.op === "store") stored.push(operands[0]!);
      else registers.set(to!, symbol(instruction.op, operands));
      expect(to).not.toBe(temporaryRegister);
    }
  }
  for (const [variable, register] of pinned) expect(registers.get(register)).toBe(outside.get(variable));
  return stored;
}

describe.each(["avx2", "avx512"] as const)("register allocation for %s", (target) => {
  it("keeps every value of random code until its last use, whatever is spilled", () => {
    const choices = fc.array(fc.array(fc.nat(200), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(choices, fc.nat(8), fc.nat(9), (operations, outsiders, pins) => {
        const given = line(target, operations, outsiders, pins);
        expect(simulate(given)).toEqual(given.stored);
      }),
      { numRuns: 100 },
    );
  });

  it("spills nothing when values fit, and reads constants from memory", () => {
    const variables = new Variables(target);
    const code = new VectorCode(variables);
    const x = code.load("load", { pointer: 0, column: 0, lanes: undefined });
    code.store("store", code.mul(code.float(2), x), { pointer: 1, column: 0, lanes: undefined });
    const placed = allocate(code.instructions, { variables, pinned: new Map() });
    expect(placed.map(({ kind }) => kind)).toEqual(["instruction", "instruction", "instruction"]);
    expect(pressure(code.instructions, new Set())).toBe(1);
    expect(variables.stackSlots).toBe(0);
  });

  it("refuses code that reads what was never set", () => {
    const variables = new Variables(target);
    const code = new VectorCode(variables);
    code.sqrt(variables.fresh());
    expect(() => allocate(code.instructions, { variables, pinned: new Map() })).toThrow(
      "internal: variable 0 is used where it has no value",
    );
  });
});
