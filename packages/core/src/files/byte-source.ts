import { type FileHandle, open } from "node:fs/promises";
import { FileFormatError } from "./file-format-error.ts";

/** Bytes that are read in order. */
export interface ByteSource {
  /**
   * Fills `target` with the next bytes.
   *
   * @throws FileFormatError when fewer are left.
   */
  fill(target: Uint8Array): Promise<void>;
}

/** The operating system moves less than 2 GiB in one call. */
export const mostBytesAtOnce = 2 ** 30;

/** A file that is read at given positions. */
export class RandomAccessFile {
  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  /** @throws the file system's error when there is no such file, FileFormatError when it is no regular file. */
  static async open(path: string): Promise<RandomAccessFile> {
    const handle = await open(path, "r");
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new FileFormatError(path, "is not a regular file");
      return new RandomAccessFile(path, stats.size, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Fills `target` with the bytes from `position` on, in as many reads as it takes. */
  async readAt(position: number, target: Uint8Array): Promise<void> {
    let filled = 0;
    while (filled < target.length) {
      const part = target.subarray(filled, filled + mostBytesAtOnce);
      const { bytesRead } = await this.handle.read(part, 0, part.length, position + filled);
      if (bytesRead === 0) {
        throw new FileFormatError(this.path, `ends at byte ${position + filled}, within data that should be there`);
      }
      filled += bytesRead;
    }
  }

  /** The bytes from `start` up to `end`, in order. */
  range(start: number, end: number): ByteSource {
    let position = start;
    return {
      fill: async (target) => {
        if (position + target.length > end) throw new FileFormatError(this.path, `has no data beyond byte ${end}`);
        await this.readAt(position, target);
        position += target.length;
      },
    };
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
