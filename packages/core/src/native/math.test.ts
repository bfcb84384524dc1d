import { describe, expect, it } from "vitest";
import { capability } from "./capability.ts";
import { erf } from "./interpret.ts";
import { type BinaryOp, type RowProgram, sameForEveryRow, type UnaryOp } from "./row-program.ts";
import { compileRunnable } from "./testing/run-compiled.ts";

const machine = capability();
const targets = machine.available ? machine.targets : [];

const vector = { dtype: "float32", rowOffset: sameForEveryRow, columnStride: 1 } as const;

function program(columns: number, op: UnaryOp | BinaryOp, isBinary: boolean): RowProgram {
  return {
    rows: 1,
    columns,
    inputs: isBinary ? [vector, vector] : [vector],
    values: isBinary
      ? [
          { kind: "input", input: 0 },
          { kind: "input", input: 1 },
          { kind: "binary", op: op as BinaryOp, a: 0, b: 1 },
        ]
      : [
          { kind: "input", input: 0 },
          { kind: "unary", op: op as UnaryOp, x: 0 },
        ],
    outputs: [{ kind: "store", ...vector, value: isBinary ? 2 : 1, size: columns }],
  };
}

/** Distance of a float32 from an exact value, in units in the last place of that value. */
function distance(got: number, exact: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(got) ? 0 : Infinity;
  const nearest = Math.fround(exact);
  if (Object.is(got, nearest)) return 0;
  // Where the exact value overflows, the largest numbers are as good as near.
  const clamp = (value: number) => Math.max(-(2 ** 128), Math.min(2 ** 128, value));
  if (!Number.isFinite(exact)) return Infinity;
  const exponent = Math.max(-126, Math.min(127, Math.floor(Math.log2(Math.abs(exact)))));
  return Math.abs(clamp(got) - clamp(exact)) / 2 ** (exponent - 23);
}

const columns = 1 << 16;

/** Every so-manieth float32 by its bits, all exponents and both signs, NaN among them. */
function sample(): Float32Array {
  const bits = new Uint32Array(columns);
  for (let index = 0; index < columns; index++) bits[index] = Math.floor((index * 2 ** 32) / columns) + (index % 65521);
  return new Float32Array(bits.buffer);
}

const moderate = (x: number) => !(Math.abs(x) > 1e5) || Math.abs(x) === Infinity;

/** Reference and bound, rounded up from what some 64 million arguments gave at most. */
const functions: [op: UnaryOp, exact: (x: number) => number, ulp: number, domain?: (x: number) => boolean][] = [
  ["exp", Math.exp, 1],
  ["expm1", Math.expm1, 1.5],
  ["log", Math.log, 0.9],
  ["log1p", Math.log1p, 1.5],
  ["tanh", Math.tanh, 2.5],
  ["sigmoid", (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), 2.4],
  ["softplus", (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 1.7],
  ["erf", erf, 1.1],
  ["sin", Math.sin, 2.1, moderate],
  ["cos", Math.cos, 2.1, moderate],
  ["rsqrt", (x) => 1 / Math.sqrt(x), 1.5],
];

describe.each(targets)("elementary functions on %s", (target) => {
  it.each(functions)("%s", (op, exact, bound, domain = () => true) => {
    const x = sample();
    const ordinary = Float32Array.from(x, (_, index) => (index / columns - 0.5) * 40);
    const compiled = compileRunnable(program(columns, op, false), target);
    let worst = { ulp: 0, x: 0, got: 0 };
    for (const given of [x, ordinary]) {
      const [y] = compiled.run([given]);
      for (const [index, value] of given.entries()) {
        if (!domain(value)) continue;
        const ulp = distance(y![index]!, exact(value));
        if (!(ulp <= worst.ulp)) worst = { ulp, x: value, got: y![index]! };
      }
    }
    compiled.release();
    expect(worst, `worst argument ${worst.x}`).toSatisfy(({ ulp }: typeof worst) => ulp <= bound);
  });

  it("are exact where the result is", () => {
    const cases: [UnaryOp, number, number][] = [
      ["exp", 0, 1],
      ["exp", -Infinity, 0],
      ["exp", Infinity, Infinity],
      ["exp", 89, Infinity],
      ["exp", -105, 0],

      ["expm1", -Infinity, -1],
      ["expm1", -0, -0],
      ["log", 1, 0],
      ["log", 0, -Infinity],
      ["log", -0, -Infinity],
      ["log", -1, Number.NaN],
      ["log", Infinity, Infinity],
      ["log1p", 0, 0],
      ["log1p", -1, -Infinity],
      ["log1p", -2, Number.NaN],
      ["log1p", 1e-45, 1e-45],
      ["tanh", -0, -0],
      ["tanh", 1e-45, 1e-45],
      ["tanh", 10, 1],
      ["tanh", -Infinity, -1],
      ["tanh", Number.NaN, Number.NaN],
      ["sigmoid", 0, 0.5],
      ["sigmoid", -Infinity, 0],
      ["sigmoid", Infinity, 1],
      ["softplus", -Infinity, 0],
      ["softplus", Infinity, Infinity],
      ["softplus", Number.NaN, Number.NaN],
      ["erf", 0, 0],
      ["erf", 4, 1],
      ["erf", -Infinity, -1],
      ["erf", Number.NaN, Number.NaN],
      ["sin", 0, 0],
      ["cos", 0, 1],
      ["sin", Infinity, Number.NaN],
      ["cos", -Infinity, Number.NaN],
    ];
    for (const [op, x, want] of cases) {
      const compiled = compileRunnable(program(1, op, false), target);
      expect(compiled.run([Float32Array.of(x)])[0]![0], `${op}(${x})`).toBe(Math.fround(want));
      compiled.release();
    }
  });

  it("pow: every combination of special arguments as C defines it, others to 3 ulp", () => {
    const special = [
      0,
      -0,
      1,
      -1,
      2,
      -2,
      3,
      -3,
      0.5,
      -0.5,
      2.5,
      -2.5,
      1e-40,
      -1e-40,
      3e38,
      -3e38,
      16777217,
      8388607,
      -8388607,
      0.99999994,
      Infinity,
      -Infinity,
      Number.NaN,
    ];
    const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
    for (let i = 0; i < 20_000; i++) {
      const t = i / 20_000;
      pairs.push([Math.exp((t - 0.5) * 170), Math.sin(i) * 2], [1 + Math.sin(i) / 100, (t - 0.5) * 1e4]);
      pairs.push([Math.sin(i) * 20, Math.round((t - 0.5) * 60)], [t * 2, Math.cos(i) * 100]);
    }
    const a = Float32Array.from(pairs, ([base]) => base);
    const b = Float32Array.from(pairs, ([, exponent]) => exponent);
    const compiled = compileRunnable(program(pairs.length, "pow", true), target);
    const [y] = compiled.run([a, b]);
    compiled.release();
    const exact = (x: number, n: number) => (x === 1 || (x === -1 && Math.abs(n) === Infinity) ? 1 : x ** n);
    const wrong = pairs.flatMap((_, i) => (distance(y![i]!, exact(a[i]!, b[i]!)) <= 3 ? [] : [[a[i], b[i], y![i]]]));
    expect(wrong).toEqual([]);
  });

  it("mod: the sign of the divisor, exact where the result is a float32", () => {
    const pairs = [
      [5, 3, 2],
      [-5, 3, 1],
      [5, -3, -1],
      [-5, -3, -2],
      [6, 3, 0],
      [0.75, 0.5, 0.25],
      [1e6, 7, 1],
      [-1e-3, 1, 0.999],
      [0.5, Infinity, 0.5],
      [-0.5, -Infinity, -0.5],
      [-0, Infinity, 0],
      [-0.5, Infinity, NaN],
      [0.5, -Infinity, NaN],
      [Infinity, 2, NaN],
      [3, 0, NaN],
    ] as const;
    const compiled = compileRunnable(program(pairs.length, "mod", true), target);
    const [y] = compiled.run([Float32Array.from(pairs, ([a]) => a), Float32Array.from(pairs, ([, b]) => b)]);
    compiled.release();
    expect([...y!]).toEqual(pairs.map(([, , want]) => Math.fround(want)));
  });
});

describe.runIf(targets.length === 2)("both instruction sets", () => {
  it.each(functions)("give the same bits for %s", (op) => {
    const x = sample();
    const results = targets.map((target) => {
      const compiled = compileRunnable(program(columns, op, false), target);
      const [y] = compiled.run([x]);
      compiled.release();
      return y!;
    });
    expect([...x].filter((_, i) => !Object.is(results[0]![i], results[1]![i]))).toEqual([]);
  });
});
