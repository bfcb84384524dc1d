import { openNpz } from "@vitscale/core";
import { type ByteImage, keyOf, Random } from "@vitscale/data";
import { afterAll, describe, expect, it } from "vitest";
import { type CorruptionName, type CorruptionScale, corruptions, type Severity } from "./table.ts";

/** Written by fixtures/corruptions.py with the published formulas and our random streams. */
const fixture = await openNpz(new URL("../../fixtures/corruptions.npz", import.meta.url).pathname);
afterAll(() => fixture.close());

async function imageNamed(name: string): Promise<ByteImage> {
  const { shape, data } = await fixture.read(name);
  const [height = 0, width = 0, channels = 0] = shape;
  return { height, width, channels, data: data as Uint8Array };
}

const image = await imageNamed("image");
const overlays = [await imageNamed("overlay0"), await imageNamed("overlay1")];

// Through HSV and back, whole numbers of 255ths come out a rounding error above or below; the byte below is then as good.
const throughHsv = new Set<CorruptionName>(["brightness", "saturate"]);

describe("published corruptions", () => {
  const cases = fixture.names
    .filter((name) => name.includes("/"))
    .map((name) => name.split("/") as [CorruptionName, CorruptionScale, string]);

  it.each(cases)("%s of %s at severity %s", async (name, scale, severity) => {
    const { data: expected } = await fixture.read(`${name}/${scale}/${severity}`);
    const random = new Random(keyOf(7));
    const { data } = corruptions[name].apply(image, Number(severity) as Severity, scale, random, overlays);
    const differences = Array.from(expected, (value, i) => Math.abs(value - data[4 * i]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(throughHsv.has(name) ? 1 : 0);
    expect(differences.filter((difference) => difference > 0).length).toBeLessThan(0.05 * differences.length);
  });
});
