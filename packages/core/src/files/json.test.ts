import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, parseJson } from "./json.ts";

/** Plain objects in place of maps. */
const plain = (value: Json): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
};

describe("parseJson", () => {
  it("agrees with JSON.parse on what JSON.stringify makes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(plain(parseJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses what JSON.parse refuses", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'{}[]:,"\\ 01-.eEtrufalsn\n', "true", '"a"')), (pieces) => {
        const text = pieces.join("");
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(() => parseJson(text)).toThrow();
          return;
        }
        expect(plain(parseJson(text))).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'has the key "a" twice, the second time at character 10'],
    ['{"a":1,"\\u0061":2}', 'has the key "a" twice'],
    ["[[[[[[[[[]]]]]]]]]", "is nested more than 8 deep at character 8"],
    ['{"a":', "ends early"],
    ['"a', "ends early"],
    ['"\\x"', "has a malformed string"],
    ["{} x", "has something after its end"],
    ["{1:2}", "has no key"],
    ['{"a" 1}', 'has no ":"'],
    ["[1 2]", 'has no "]"'],
  ])("says what is wrong with %s", (text, message) => {
    expect(() => parseJson(text)).toThrow(message);
  });

  it("refuses a text whose values would take far more memory than its bytes", () => {
    const text = `[${"0,".repeat(2 ** 21)}0]`;
    expect(() => parseJson(text)).toThrow("holds more than 2097152 values at character 4194303");
  });

  it("does not overflow its stack on long or deep texts", () => {
    expect(() => parseJson("[".repeat(1e6))).toThrow("nested");
    expect(parseJson(`"${"a".repeat(5e6)}"`)).toHaveLength(5e6);
    expect(parseJson("9".repeat(1e6))).toBe(Number.POSITIVE_INFINITY);
  });
});
