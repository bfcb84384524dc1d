import { describe, expect, it } from "vitest";
import { narrowToBfloat16, narrowToFloat16, widenBfloat16, widenFloat16 } from "./half.ts";

const all = Uint16Array.from({ length: 65536 }, (_, i) => i);

describe("float16", () => {
  it("widens to the values of IEEE 754", () => {
    const values = new Float32Array(65536);
    widenFloat16(all, values);
    expect([0x0000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00, 0x3555].map((bits) => values[bits])).toEqual([
      0,
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
      Number.POSITIVE_INFINITY,
      0.333251953125,
    ]);
    expect(Object.is(values[0x8000], -0)).toBe(true);
    expect(values[0x7e00]).toBeNaN();
  });

  it("narrows every widened value to itself", () => {
    const values = new Float32Array(65536);
    widenFloat16(all, values);
    const again = narrowToFloat16(values);
    const isNotNumber = (bits: number) => (bits & 0x7fff) > 0x7c00;
    expect(
      all.filter((bits) => (isNotNumber(bits) ? !isNotNumber(again[bits] as number) : again[bits] !== bits)),
    ).toEqual(Uint16Array.of());
  });

  it("narrows what lies between two values to the nearer, halves to the even one", () => {
    const values = new Float32Array(65536);
    widenFloat16(all, values);
    for (let bits = 0; bits < 0x7bff; bits += 7) {
      const [low, high] = [values[bits] as number, values[bits + 1] as number];
      const even = bits % 2 === 0 ? bits : bits + 1;
      const between = Float32Array.of(low + (high - low) * 0.499, (low + high) / 2, low + (high - low) * 0.501);
      expect([...narrowToFloat16(between)]).toEqual([bits, even, bits + 1]);
    }
    expect([...narrowToFloat16(Float32Array.of(65519.99, 65520, 1e30, -1e30, 2 ** -25, 2 ** -26))]).toEqual([
      0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 0,
    ]);
  });
});

describe("bfloat16", () => {
  it("is the upper half of float32, rounded to the nearest, halves to even", () => {
    const words = Uint32Array.of(0x3f800000, 0x3f807fff, 0x3f808000, 0x3f808001, 0x3f818000, 0x7f7fffff, 0x7f800000);
    expect([...narrowToBfloat16(new Float32Array(words.buffer))]).toEqual([
      0x3f80, 0x3f80, 0x3f80, 0x3f81, 0x3f82, 0x7f80, 0x7f80,
    ]);
    const [nan] = narrowToBfloat16(Float32Array.of(Number.NaN)) as unknown as [number];
    expect(nan & 0x7fff).toBeGreaterThan(0x7f80);
  });

  it("widens exactly", () => {
    const values = new Float32Array(3);
    widenBfloat16(Uint16Array.of(0x3fc0, 0xc010, 0x7f80), values);
    expect([...values]).toEqual([1.5, -2.25, Number.POSITIVE_INFINITY]);
  });
});
