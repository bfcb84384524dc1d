import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeImage, encodePng } from "./decode.ts";

const folder = new URL("../fixtures/", import.meta.url);
const file = (name: string) => readFileSync(new URL(`encoded/${name}`, folder));

/** PIL's pixels of each file, written by fixtures/make.py. */
const expected: Record<string, { height: number; width: number; sha256: string; first: number[]; mean: number }> =
  JSON.parse(readFileSync(new URL("encoded.json", folder), "utf8"));

describe("decodeImage", () => {
  it.each(Object.keys(expected).filter((name) => name !== "cmyk.jpg"))("gives PIL's pixels of %s", async (name) => {
    const image = await decodeImage(file(name));
    const { height, width, sha256, first } = expected[name]!;
    expect([image.height, image.width, image.channels]).toEqual([height, width, 3]);
    expect([...image.data.slice(0, 30)]).toEqual(first);
    expect(createHash("sha256").update(image.data).digest("hex")).toBe(sha256);
  });

  it("converts CMYK to something like PIL's plain formula", async () => {
    const image = await decodeImage(file("cmyk.jpg"));
    const { height, width, mean } = expected["cmyk.jpg"]!;
    expect([image.height, image.width, image.channels]).toEqual([height, width, 3]);
    const ours = image.data.reduce((sum, value) => sum + value, 0) / image.data.length;
    expect(Math.abs(ours - mean)).toBeLessThan(25);
  });

  it("turns by EXIF only when told to", async () => {
    const lying = await decodeImage(file("rotated.jpg"));
    const upright = await decodeImage(file("rotated.jpg"), { orientation: "apply" });
    expect([lying.height, lying.width]).toEqual([24, 32]);
    expect([upright.height, upright.width]).toEqual([32, 24]);
    // Orientation 6: the stored top left corner is shown at the top right.
    const corner = (upright.width - 1) * 3;
    expect([...upright.data.slice(corner, corner + 3)]).toEqual([...lying.data.slice(0, 3)]);
  });

  it.each(["rgb.jpg", "progressive.jpg", "alpha.png", "rgb.webp"])("refuses a truncated %s", async (name) => {
    const whole = file(name);
    await expect(decodeImage(whole.subarray(0, Math.floor(whole.length * 0.6)))).rejects.toThrow();
  });

  it("refuses a small file that claims to be a huge picture", async () => {
    const picture = await encodePng({ height: 1, width: 1, channels: 1, data: Uint8Array.of(0) });
    const claim = Buffer.from(picture);
    claim.writeUInt32BE(16_000, 16);
    claim.writeUInt32BE(16_000, 20);
    // The checksum of the header, so that nothing else is wrong with it.
    claim.writeUInt32BE(crc32(claim.subarray(12, 29)), 29);
    await expect(decodeImage(claim)).rejects.toThrow("exceeds pixel limit");
  });

  it.each([new Uint8Array(0), Buffer.from("not an image")])("refuses what is not an image", async (bytes) => {
    await expect(decodeImage(bytes)).rejects.toThrow();
  });
});

describe("encodePng", () => {
  it("is read back as it was", async () => {
    const image = await decodeImage(file("rgb.jpg"));
    expect(await decodeImage(await encodePng(image))).toEqual(image);
  });
});
