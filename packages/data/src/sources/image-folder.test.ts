import { execFileSync } from "node:child_process";
import { mkdir, readFile, rename, symlink } from "node:fs/promises";
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
    ["given", /given\/cat: has no images \(jpg, .*\); remove the folder, or list the classes to allow it/],
  ])("names what is wrong with a folder that is %s", async (name, message) => {
    await mkdir(join(folder, "empty"), { recursive: true });
    await expect(openSource(imageFolder({ folder: join(folder, name) }))).rejects.toThrow(message);
  });

  it.each([
    [{ folder: "" }, 'folder of imageFolder is ""; give a text that is not empty'],
    [{ dir: "x" }, '"dir" is no option of imageFolder; its options are folder, classes'],
    [{ folder: "x", clases: ["a"] }, '"clases" is no option of imageFolder; did you mean "classes"?'],
    [{ folder: "x", classes: [] }, "classes of imageFolder are []; give a list of names"],
    [{ folder: "x", classes: ["a", "a"] }, 'classes of imageFolder have "a" twice; a folder is one class'],
  ])("names what is wrong with %j", async (options, message) => {
    await expect((async () => openSource(imageFolder(options as { folder: string })))()).rejects.toThrow(message);
  });

  it("names a broken image when it is read", async () => {
    await write("broken/ant/1.jpg", jpeg.subarray(0, 300));
    const source = await openSource(imageFolder({ folder: join(folder, "broken") }));
    await expect(source.read(0)).rejects.toMatchObject({ name: "SampleError", sample: "ant/1.jpg", index: 0 });
    await expect(source.read(1)).rejects.toThrow("sample 1 of a data set of 1; give an integer from 0 to 0");
  });
});

describe("imageFolder with symbolic links", () => {
  /** A folder with two images of "ant", one of them deeper, and one of "bee"; and links, by the path that each has. */
  async function folderWith(name: string, links: Readonly<Record<string, string>>) {
    for (const path of ["ant/1.jpg", "ant/deep/2.jpg", "bee/1.jpg"]) await write(`${name}/${path}`, jpeg);
    await write(`${name}/README.md`, "Ants and bees.");
    for (const [path, target] of Object.entries(links)) await symlink(target, join(folder, name, path));
    return join(folder, name);
  }

  async function namesIn(path: string, classes?: readonly string[]) {
    const source = await openSource(imageFolder({ folder: path, ...(classes && { classes }) }));
    const names = Array.from({ length: source.length }, (_, i) => source.nameOf(i));
    await source.close();
    return { classes: source.classes, names };
  }

  const all = ["ant/1.jpg", "ant/deep/2.jpg", "bee/1.jpg"];

  it("follows them to folders and files, of classes and of images", async () => {
    const path = await folderWith("followed", {
      cat: "../cats",
      "bee/2.jpg": "../ant/1.jpg",
      "bee/more": "../../cats",
    });
    await write("cats/1.jpg", jpeg);
    expect(await namesIn(path)).toEqual({
      classes: ["ant", "bee", "cat"],
      names: ["ant/1.jpg", "ant/deep/2.jpg", "bee/1.jpg", "bee/2.jpg", "bee/more/1.jpg", "cat/1.jpg"],
    });
  });

  it("takes links to files beside the classes for files, and passes them over", async () => {
    const path = await folderWith("readme", {
      LIESMICH: "README.md",
      "bee/notes": "../README.md",
      "cover.jpg": "nowhere",
    });
    expect(await namesIn(path)).toEqual({ classes: ["ant", "bee"], names: all });
  });

  it("never goes round in a circle", async () => {
    const path = await folderWith("circle", {
      all: ".",
      up: "..",
      "ant/all": ".",
      "ant/deep/up": "..",
      "ant/deep/3.jpg": "../../ant",
      // Through each other's folder: each sees the images of the other, once.
      "ant/bees": "../bee",
      "bee/ants": "../ant",
    });
    expect(await namesIn(path)).toEqual({
      classes: ["ant", "bee"],
      names: ["ant/1.jpg", "ant/bees/1.jpg", "ant/deep/2.jpg", "bee/1.jpg", "bee/ants/1.jpg", "bee/ants/deep/2.jpg"],
    });
    // Asked for by name, even the folder itself is a class.
    const asked = [
      "ant/1.jpg",
      "ant/bees/1.jpg",
      "ant/deep/2.jpg",
      "bee/1.jpg",
      "bee/ants/1.jpg",
      "bee/ants/deep/2.jpg",
    ];
    expect((await namesIn(path, ["all"])).names).toEqual(asked.map((name) => `all/${name}`));
  });

  it("takes one that leads nowhere for a broken image where it has the name of one", async () => {
    const path = await folderWith("dead", { "bee/2.jpg": "../gone/2.jpg", "bee/self.jpg": "self.jpg" });
    const source = await openSource(imageFolder({ folder: path }));
    await source.read(2);
    await expect(source.read(3)).rejects.toThrow(
      "bee/2.jpg: is a link that leads nowhere, to ../gone/2.jpg; mend or remove it",
    );
    await expect(source.read(4)).rejects.toMatchObject({ name: "SampleError", sample: "bee/self.jpg", index: 4 });
  });

  it.each([
    ["cat", /nowhere-cat\/cat: is a link that leads nowhere, to \.\.\/gone; mend or remove it/],
    ["bee/more", /nowhere-bee-more\/bee\/more: is a link that leads nowhere/],
  ])("refuses one that leads nowhere where a folder may be missing: %s", async (link, message) => {
    const path = await folderWith(`nowhere-${link.replace("/", "-")}`, { [link]: "../gone" });
    await expect(namesIn(path)).rejects.toThrow(message);
    await expect(namesIn(path)).rejects.toMatchObject({ name: "DatasetError" });
  });

  it.skipIf(process.platform === "win32")("passes over pipes, which would be waited for", async () => {
    const path = await folderWith("pipes", { "bee/3.jpg": "2.jpg" });
    execFileSync("mkfifo", [join(path, "bee/2.jpg")]);
    expect((await namesIn(path)).names).toEqual(all);
  });

  it("names an image that was taken away since, and a class that is a file", async () => {
    const path = await folderWith("taken", {});
    const source = await openSource(imageFolder({ folder: path }));
    await rename(join(path, "ant/1.jpg"), join(path, "ant/gone.jpg"));
    await expect(source.read(0)).rejects.toThrow("ant/1.jpg: ENOENT: no such file or directory");
    await expect(namesIn(path, ["README.md"])).rejects.toThrow(/taken\/README\.md: cannot be listed \(ENOTDIR/);
  });
});
