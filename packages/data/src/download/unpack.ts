import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { DatasetError, messageOf } from "../errors.ts";
import { indexTar } from "../files/tar.ts";

/**
 * Unpacks one folder of a `.tar.gz` archive beside it. The folder appears in one step, with all its files or not at all.
 *
 * @throws DatasetError for a damaged archive, one that reaches outside itself, and one without the folder.
 */
export async function unpackFolder(archive: string, folder: string): Promise<string> {
  const target = join(dirname(archive), folder);
  const work = await mkdtemp(join(dirname(archive), ".unpacking-"));
  try {
    const tar = join(work, "archive.tar");
    try {
      await pipeline(createReadStream(archive), createGunzip(), createWriteStream(tar));
    } catch (cause) {
      throw new DatasetError(archive, `is a damaged or truncated gzip file (${messageOf(cause)})`, { cause });
    }
    const entries = (await indexTar(tar)).filter(({ name }) => name.startsWith(`${folder}/`));
    if (entries.length === 0) throw new DatasetError(archive, `has no folder "${folder}"`);
    for (const { name, offset, size } of entries) {
      const path = join(work, name);
      await mkdir(dirname(path), { recursive: true });
      const contents = size === 0 ? [] : createReadStream(tar, { start: offset, end: offset + size - 1 });
      await pipeline(contents, createWriteStream(path));
    }
    await rm(target, { recursive: true, force: true });
    await rename(join(work, folder), target);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
