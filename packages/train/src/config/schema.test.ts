import { expect, it } from "vitest";
import {
  boolean,
  byKind,
  either,
  integer,
  isLeftOutByNull,
  list,
  number,
  object,
  oneOf,
  optional,
  record,
  type Schema,
  string,
  tuple,
} from "./schema.ts";

function problemsOf<T>(schema: Schema<T>, value: unknown): string[] {
  const problems: string[] = [];
  schema.check(value, "", problems);
  return problems;
}

interface Example {
  readonly steps: number;
  readonly name?: string;
  readonly shape:
    | { readonly kind: "circle"; readonly radius: number }
    | { readonly kind: "square"; readonly side?: number };
  readonly rules?: number | readonly (readonly [string, number])[];
  readonly flags?: Readonly<Record<string, boolean>>;
  readonly pooling?: "map" | "gap";
}

const example = object<Example>({
  steps: integer(1),
  name: optional(string),
  shape: byKind<Example["shape"]>({ circle: { radius: number({ min: 0 }) }, square: { side: optional(number()) } }),
  rules: optional(either(number({ min: 0, max: 1 }), list(tuple(string, number())))),
  flags: optional(record(boolean)),
  pooling: optional(oneOf("map", "gap")),
});

it("accepts what fits", () => {
  const full = {
    steps: 10,
    name: "a",
    shape: { kind: "circle", radius: 0.5 },
    rules: [["x", 1]],
    flags: { a: true },
    pooling: "gap",
  };
  expect(problemsOf(example, full)).toEqual([]);
  expect(problemsOf(example, { steps: 1, shape: { kind: "square" }, rules: 0.5 })).toEqual([]);
});

it("reports every problem with path, value and rule", () => {
  const wrong = {
    step: 10,
    steps: 0.5,
    shape: { kind: "circel", radius: -1 },
    rules: [["x", "1"], 3],
    flags: { a: 1 },
  };
  expect(problemsOf(example, wrong)).toEqual([
    'step is no known field; did you mean "steps"?',
    "steps is 0.5; it must be an integer of at least 1",
    'shape.kind is "circel"; it must be "circle" or "square"; did you mean "circle"?',
    'rules.0.1 is "1"; it must be a number',
    "rules.1 is 3; it must be a pair",
    "flags.a is 1; it must be true or false",
  ]);
  expect(problemsOf(example, { shape: { kind: "circle", radius: -1, side: 2 }, pooling: "mean" })).toEqual([
    "steps is missing",
    `shape has side, which is not of kind "circle" but of "square"; leave it out, or give shape as a whole: --shape '{"kind":"circle","radius":-1}'`,
    "shape.radius is -1; it must be a number of at least 0",
    'pooling is "mean"; it must be "map" or "gap"',
  ]);
});

it("tells a key that may be a slip in the name of another", () => {
  const views = record(
    object<{ readonly side: number; readonly look?: string }>({ side: integer(1), look: optional(string) }),
  );
  expect(problemsOf(views, { front: { side: 1 }, fron: { look: "dark" }, back: {} })).toEqual([
    'fron.side is missing; did you mean "front"?',
    "back.side is missing",
  ]);
});

it("knows bounds that a number may not have", () => {
  const decay = number({ min: 0, below: 1 });
  expect([0, 0.999].flatMap((value) => problemsOf(decay, value))).toEqual([]);
  expect(problemsOf(decay, 1)).toEqual([" is 1; it must be a number of at least 0 and below 1"]);
  expect(problemsOf(number({ below: 0 }), 0)).toEqual([" is 0; it must be a number below 0"]);
  expect(problemsOf(number({ min: 0, max: 9, isInteger: true }), 10)).toEqual([
    " is 10; it must be an integer from 0 to 9",
  ]);
});

it("tells both rules where a value may be one of two things, and what is wrong inside where it is one of them", () => {
  const ofRules = (rules: unknown) => problemsOf(example, { steps: 1, shape: { kind: "square" }, rules });
  expect(ofRules(-1)).toEqual(["rules is -1; it must be a number from 0 to 1, or a list"]);
  expect(ofRules(Number.POSITIVE_INFINITY)).toEqual(["rules is Infinity; it must be a number from 0 to 1, or a list"]);
  expect(ofRules([["a", "b"]])).toEqual(['rules.0.1 is "b"; it must be a number']);
});

it("knows where null can only mean that a field is left out", () => {
  const leftOut = (path: string) => isLeftOutByNull(example, { shape: { kind: "square" } }, path.split("."));
  // Optional, of the kind that the value is, an entry of a record.
  for (const path of ["name", "rules", "shape.side", "flags.a"]) expect([path, leftOut(path)]).toEqual([path, true]);
  for (const path of ["steps", "shape", "shape.kind", "shape.radius", "nothing", "name.deep"]) {
    expect([path, leftOut(path)]).toEqual([path, false]);
  }
  const nullable = object<{ readonly clip?: number | null }>({ clip: optional(either(oneOf(null), number())) });
  expect(isLeftOutByNull(nullable, {}, ["clip"])).toBe(false);
});
