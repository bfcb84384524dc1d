import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { DatasetError, messageOf } from "../errors.ts";
import { type PackedStrings, packStrings, sharedLabels, stringAt } from "../files/shared.ts";
import { type Catalog, defineSource } from "../source.ts";

const imageExtensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif"];

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
 */
export const imageFolder = defineSource("imageFolder", {
  async catalog({ folder, classes: given }: ImageFolderOptions): Promise<FolderCatalog> {
    const entries = await list(folder);
    const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
    const classes = given ?? folders.sort();
    if (classes.length === 0) {
      throw new DatasetError(folder, "has no class folders; put the images of each class in a folder of its name");
    }
    const paths: string[] = [];
    const labels: number[] = [];
    for (const [label, name] of classes.entries()) {
      const found = await imagesBelow(folder, name);
      if (found.length === 0 && given === undefined) {
        throw new DatasetError(
          join(folder, name),
          `has no images (${imageExtensions.join(" ")}); remove the folder, or list the classes to allow it`,
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
      read: (index) => readFile(join(folder, stringAt(paths, index))),
      nameOf: (index) => stringAt(paths, index),
      async close() {},
    };
  },
});

/** Visible entries of a folder. */
async function list(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith("."));
  } catch (cause) {
    throw new DatasetError(folder, `cannot be listed (${messageOf(cause)})`, { cause });
  }
}

/** Paths, relative to the root and with forward slashes, of the images below a folder in it; sorted. */
async function imagesBelow(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await list(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      // One by one: a folder may hold more images than a call may have arguments.
      for (const below of await imagesBelow(root, path)) found.push(below);
    } else if (imageExtensions.includes(extname(entry.name).toLowerCase())) found.push(path);
  }
  return found.sort();
}
