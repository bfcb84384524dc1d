import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { openSource } from "../open-source.ts";
import { imageFolder } from "./image-folder.ts";

const { folder, write } = await temporaryFolder();
const jpeg = await readFile(new URL("../../fixtures/encoded/rgb.jpg", import.meta.url));

describe("imageFolder", () => {
  it("takes folders and files in the order of code units, on every machine", async () => {
    for (const path of ["b/2.jpg", "b/10.JPG", "a/deep/er/1.png", "a/x.jpeg", "Z/1.webp", "10/1.jpg", "9/1.jpg"]) {
      await write(`order/${path}`, jpeg);
    }
    for (const path of ["b/notes.txt", "b/.hidden.jpg", ".git/1.jpg", "readme.jpg"]) await write(`order/${path}`, jpeg);
    const source = await openSource(imageFolder({ folder: join(folder, "order") }));
    expect(source.classes).toEqual(["10", "9", "Z", "a", "b"]);
    const names = Array.from({ length: source.length }, (_, i) => source.nameOf(i));
    expect(names).toEqual(["10/1.jpg", "9/1.jpg", "Z/1.webp", "a/deep/er/1.png", "a/x.jpeg", "b/10.JPG", "b/2.jpg"]);
    expect([...source.labels]).toEqual([0, 1, 2, 3, 3, 4, 4]);
    expect(await source.read(5)).toMatchObject({ height: 24, width: 32, channels: 3 });
  });

  it("keeps names beyond ASCII", async () => {
    await write("names/\u00e9l\u00e9phant/\u8c61.jpg", jpeg);
    const source = await openSource(imageFolder({ folder: join(folder, "names") }));
    expect([source.classes, source.nameOf(0)]).toEqual([["\u00e9l\u00e9phant"], "\u00e9l\u00e9phant/\u8c61.jpg"]);
    await source.read(0);
  });

  it("takes the classes that it is given, even one without images", async () => {
    await mkdir(join(folder, "given", "cat"), { recursive: true });
    await write("given/dog/1.jpg", jpeg);
    const source = await openSource(imageFolder({ folder: join(folder, "given"), classes: ["dog", "cat"] }));
    expect([source.classes, [...source.labels]]).toEqual([["dog", "cat"], [0]]);
  });

  it.each([
    ["missing", /missing: cannot be listed \(ENOENT/],
    ["empty", /empty: has no class folders; put the images of each class in a folder of its name/],
    ["given", /given\/cat: has no images \(\.jpg .*\); remove the folder, or list the classes to allow it/],
  ])("names what is wrong with a folder that is %s", async (name, message) => {
    await mkdir(join(folder, "empty"), { recursive: true });
    await expect(openSource(imageFolder({ folder: join(folder, name) }))).rejects.toThrow(message);
  });

  it("names a broken image when it is read", async () => {
    await write("broken/ant/1.jpg", jpeg.subarray(0, 300));
    const source = await openSource(imageFolder({ folder: join(folder, "broken") }));
    await expect(source.read(0)).rejects.toMatchObject({ name: "SampleError", sample: "ant/1.jpg", index: 0 });
    await expect(source.read(1)).rejects.toThrow("sample 1 of a data set of 1; give an integer from 0 to 0");
  });
});
