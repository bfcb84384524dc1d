import { describe, expect, it } from "vitest";
import { chart } from "./chart.ts";
import { band, linear, logarithmic } from "./scale.ts";
import { style } from "./theme.ts";

const texts = ({ ticks }: { ticks: readonly { text: string }[] }) => ticks.map(({ text }) => text);

describe("scales", () => {
  it("choose round ticks", () => {
    expect(texts(linear([0, 1]))).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(texts(linear([0, 0.07]))).toEqual(["0.00", "0.02", "0.04", "0.06"]);
    expect(texts(linear([-3, 12], { ticks: 3 }))).toEqual(["0", "5", "10"]);
    expect(texts(logarithmic([0.5, 200]))).toEqual(["1", "10", "100"]);
  });

  it("place values", () => {
    expect(linear([2, 4]).position(3)).toBe(0.5);
    expect(logarithmic([1, 100]).position(10)).toBeCloseTo(0.5, 12);
    expect(band(["a", "b"]).position("b")).toBe(0.75);
  });

  it("name what does not fit them", () => {
    expect(() => linear([1, 1])).toThrow("an axis from 1 to 1; give two finite numbers, the lower first");
    expect(() => logarithmic([0, 1])).toThrow("a logarithmic axis begins at 0; it must begin above 0");
    expect(() => band(["a"]).position("z")).toThrow('"z" is not on the axis; it has a');
  });
});

describe("chart", () => {
  const svg = chart({
    title: "Accuracy & noise",
    description: "Falls",
    x: { label: "noise", scale: band(["low", "high"]) },
    y: { label: "accuracy", scale: linear([0, 1]) },
    marks: [
      { kind: "bars", name: "model", points: [{ x: "low", y: 0.5, low: 0.4, high: 0.6 }] },
      { kind: "points", name: "humans", points: [{ x: "high", y: 1 }] },
      { kind: "rule", axis: "y", at: 0.1 },
    ],
  });

  it("is well-formed XML with words for those who cannot see it", () => {
    const opened = [...svg.matchAll(/<([a-z]+)[^>]*?(\/?)>/g)].filter(([, , closed]) => closed === "").length;
    expect(svg.match(/<\/[a-z]+>/g)).toHaveLength(opened);
    expect(svg).toContain('role="img"');
    expect(svg).toContain("<title>Accuracy &amp; noise</title><desc>Falls</desc>");
    expect(svg).toContain("<title>model: low, 0.5 (0.4 to 0.6)</title>");
  });

  it("draws a bar of half the frame's height for half of the axis", () => {
    const [, top, bottom] = /class="axis"/.test(svg) ? (/d="M[\d.]+ ([\d.]+)V([\d.]+)H/.exec(svg) ?? []) : [];
    const height = Number(/<rect x="[^"]*" y="[^"]*" width="[^"]*" height="([^"]*)" class="fill bar/.exec(svg)?.[1]);
    expect(height).toBeCloseTo((Number(bottom) - Number(top)) / 2, 1);
  });

  it("has a legend of the named series alone", () => {
    expect(svg.match(/>(model|humans)</g)).toHaveLength(2);
  });
});

describe("theme", () => {
  // WCAG 2.2: the ratio of relative luminances, each raised by 0.05.
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255) as [
      number,
      number,
      number,
    ];
    const linearised = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linearised(r) + 0.7152 * linearised(g) + 0.0722 * linearised(b);
  };
  const contrast = (a: string, b: string) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
    return (high + 0.05) / (low + 0.05);
  };

  it.each([0, 1])("colours stand out from the page (%s)", (part) => {
    const sheet = style.split("@media")[part]!;
    const page = /\.page\{fill:(#\w+)/.exec(sheet)![1]!;
    const colours = [...sheet.matchAll(/\.series\d\{color:(#\w+)/g)].map(([, colour]) => colour!);
    expect(colours).toHaveLength(8);
    for (const colour of colours) expect(contrast(colour, page)).toBeGreaterThan(3);
  });
});
