import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import sharp from "sharp";
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

  it.each([
    ["rgb.jpg", "JPEG"],
    ["progressive.jpg", "JPEG"],
    ["alpha.png", "PNG"],
    ["grey16.png", "PNG"],
    ["rgb.webp", "WebP"],
  ])("says that %s is truncated, wherever it ends", async (name, format) => {
    const whole = file(name);
    for (const share of [0.3, 0.6]) {
      const length = Math.floor(whole.length * share);
      const message = new RegExp(
        `^is a ${format} file of ${length} bytes that cannot be decoded \\([^\n]*[a-z]\\); it is damaged or was cut short$`,
      );
      await expect(decodeImage(whole.subarray(0, length))).rejects.toThrow(message);
    }
  });

  it("refuses a small file that claims to be a huge picture", async () => {
    const picture = await encodePng({ height: 1, width: 1, channels: 1, data: Uint8Array.of(0) });
    const claim = Buffer.from(picture);
    claim.writeUInt32BE(16_000, 16);
    claim.writeUInt32BE(16_000, 20);
    // The checksum of the header, so that nothing else is wrong with it.
    claim.writeUInt32BE(crc32(claim.subarray(12, 29)), 29);
    await expect(decodeImage(claim)).rejects.toThrow("bytes that claims more than 67108864 pixels, the most");
  });

  it.each([
    ["", "is no image of a format that is read (JPEG, PNG, WebP, GIF, TIFF, AVIF): it is empty"],
    ["<!DOCTYPE html><p>Not found", 'it begins with "<!DOCTYPE html><"'],
    // Drawings that libvips would render, whatever the file is called.
    ['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'it begins with "<svg xmlns=\\"http"'],
    ["%PDF-1.7", 'it begins with "%PDF-1.7"'],
    // Formats that some builds of libvips read.
    ["BM____\0\0\0\0", 'it begins with "BM____'],
    ["P6 1 1 255 abc", 'it begins with "P6 1 1 255 abc"'],
    ["\0\0\0\x18ftypheic\0\0\0\0mif1heic", 'it begins with "\\u0000\\u0000\\u0000\\u0018ftypheic'],
    ["RIFF____WAVE", 'it begins with "RIFF____WAVE"'],
  ])("refuses what is no image, or of another format: %j", async (text, message) => {
    await expect(decodeImage(Buffer.from(text, "latin1"))).rejects.toThrow(message);
  });

  it.each(["jpeg", "png", "webp", "gif", "tiff", "avif"] as const)("knows %s as libvips writes it", async (format) => {
    const grey = sharp({ create: { width: 16, height: 9, channels: 3, background: "grey" } });
    const written = await grey.toFormat(format).toBuffer();
    expect((await sharp(written).metadata()).format).toBe(format === "avif" ? "heif" : format);
    expect(await decodeImage(written)).toMatchObject({ height: 9, width: 16, channels: 3 });
  });

  it("reads TIFF of both byte orders", async () => {
    const grey = sharp({ create: { width: 16, height: 9, channels: 3, background: "grey" } });
    for (const bigtiff of [false, true]) {
      expect(await decodeImage(await grey.tiff({ bigtiff }).toBuffer())).toMatchObject({ height: 9, width: 16 });
    }
    // A header of the other order, without a directory: libvips is asked, and finds the fault.
    await expect(decodeImage(Buffer.from("MM\0*\0\0\0\x08", "latin1"))).rejects.not.toThrow("no image of a format");
  });
});

describe("encodePng", () => {
  it("is read back as it was", async () => {
    const image = await decodeImage(file("rgb.jpg"));
    expect(await decodeImage(await encodePng(image))).toEqual(image);
  });
});
