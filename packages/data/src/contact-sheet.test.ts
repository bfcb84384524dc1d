import { describe, expect, it } from "vitest";
import { contactSheet } from "./contact-sheet.ts";

describe("contactSheet", () => {
  const image = (value: number, width = 2) => ({
    height: 1,
    width,
    channels: 1,
    data: new Uint8Array(width).fill(value),
  });

  it("lays images out row by row on white", () => {
    const sheet = contactSheet([image(1), image(2), image(3)], { columns: 2, gap: 1 });
    expect([sheet.height, sheet.width]).toEqual([5, 7]);
    const w = 255;
    expect([...sheet.data]).toEqual(
      [
        [w, w, w, w, w, w, w],
        [w, 1, 1, w, 2, 2, w],
        [w, w, w, w, w, w, w],
        [w, 3, 3, w, w, w, w],
        [w, w, w, w, w, w, w],
      ].flat(),
    );
  });

  it("wants images of one size, and at least one", () => {
    expect(() => contactSheet([image(1), image(2, 3)], { columns: 2 })).toThrow(
      "image 1 is 1x3x1, the first is 1x2x1; resize them",
    );
    expect(() => contactSheet([], { columns: 2 })).toThrow("a contact sheet of no images; give at least one");
  });
});
