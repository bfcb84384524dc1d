import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { requireText } from "../checks.ts";
import { DatasetError } from "../errors.ts";
import { look, problemAt, realFolder, type Trail } from "../files/folder.ts";
import { type PackedStrings, packStrings, sharedLabels, stringAt } from "../files/shared.ts";
import { imageExtensions } from "../image-formats.ts";
import { type Catalog, defineSource } from "../source.ts";
import { requireClasses } from "./class-numbers.ts";

/** Options of {@link imageFolder}. */
export interface ImageFolderOptions {
  /** Folder with one folder for each class. */
  readonly folder: string;
  /**
   * Class folders in label order. If not given, all folders, sorted by code unit ("10" before "9", "Z" before "a"). Give it
   * where a split may lack a class, so that labels agree between splits.
   */
  readonly classes?: readonly string[];
}

interface FolderCatalog extends Catalog {
  /** Path of each image below the folder. */
  readonly paths: PackedStrings;
}

/**
 * A folder of class folders of image files, at any depth below a class; sorted by path, so the order is the same on every
 * machine. Hidden files, and files of other extensions, are passed over.
 *
 * Symbolic links are followed, as torchvision's `ImageFolder` follows them: one to a folder is a folder (a class, where it lies
 * beside the classes), one to a file a file. Only a link to a folder that it lies in is passed over, for that would go round in
 * a circle. A link that leads nowhere is a broken sample where its name is that of an image, which `onBroken` decides about;
 * any other may have been a folder of images, and is an error.
 */
export const imageFolder = defineSource("imageFolder", {
  options: { folder: true, classes: true },

  async catalog({ folder, classes: given }: ImageFolderOptions): Promise<FolderCatalog> {
    requireText("folder of imageFolder", folder);
    requireClasses(given, "imageFolder");
    const twice = given?.find((name, number) => given.indexOf(name) < number);
    if (twice !== undefined) throw new TypeError(`classes of imageFolder have "${twice}" twice; a folder is one class`);
    const root = await realFolder(folder);
    const classes = given ?? (await look(folder, [root], isImage)).folders.map(({ name }) => name).sort();
    if (classes.length === 0) {
      throw new DatasetError(folder, "has no class folders; put the images of each class in a folder of its name");
    }
    const paths: string[] = [];
    const labels: number[] = [];
    for (const [label, name] of classes.entries()) {
      const found = await imagesBelow(folder, name, [root, await realFolder(join(folder, name))]);
      if (found.length === 0 && given === undefined) {
        throw new DatasetError(
          join(folder, name),
          `has no images (${imageExtensions.join(", ")}); remove the folder, or list the classes to allow it`,
        );
      }
      for (const path of found) {
        paths.push(path);
        labels.push(label);
      }
    }
    if (paths.length === 0) throw new DatasetError(folder, `has no images in the classes ${classes.join(", ")}`);
    return { classes, labels: sharedLabels(labels), paths: packStrings(paths) };
  },

  open({ folder }, { paths }) {
    return {
      async read(index) {
        const path = join(folder, stringAt(paths, index));
        try {
          return await readFile(path);
        } catch (cause) {
          throw new Error(await problemAt(path, cause), { cause });
        }
      },
      nameOf: (index) => stringAt(paths, index),
      async close() {},
    };
  },
});

const isImage = (name: string) => imageExtensions.includes(extname(name).slice(1).toLowerCase());

/** Paths, relative to the root and with forward slashes, of the images below a folder in it; sorted. */
async function imagesBelow(root: string, folder: string, trail: Trail): Promise<string[]> {
  const { files, folders } = await look(join(root, folder), trail, isImage);
  const found = files.map((name) => `${folder}/${name}`);
  for (const { name, trail: below } of folders) {
    // One by one: a folder may hold more images than a call may have arguments.
    for (const path of await imagesBelow(root, `${folder}/${name}`, below)) found.push(path);
  }
  return found.sort();
}
