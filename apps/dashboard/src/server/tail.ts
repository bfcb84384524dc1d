import type { FileHandle } from "node:fs/promises";
import { openRegular } from "./inside.ts";

/** Follows an append-only file of lines by its offset. */
export interface Tail {
  /**
   * Reads the lines that are new and complete; a line without its newline waits.
   *
   * @returns `restarted` where the file is another one than before, or was cut: every line then comes again
   */
  read(onLine: (line: string) => void, onRestart: () => void): Promise<{ restarted: boolean; pending: number }>;
}

const chunkBytes = 1 << 20;
/** A line is at most this long; a longer one is no row but damage, and is passed over. */
const longestLine = 16 << 20;
const newline = 10;

/** A {@link Tail} that begins at the beginning of a file. It holds no file open between reads. */
export function tailFile(path: string): Tail {
  let offset = 0;
  let inode: bigint | number | undefined;
  // The bytes before the offset: a file that was cut and grew again has others there.
  let anchor = Buffer.alloc(0);

  const isSame = async (file: FileHandle, size: number): Promise<boolean> => {
    if (size < offset) return false;
    const seen = Buffer.alloc(anchor.length);
    await file.read(seen, 0, seen.length, offset - anchor.length);
    return seen.equals(anchor);
  };

  return {
    async read(onLine, onRestart) {
      const file = await openRegular(path);
      try {
        const { size, ino } = await file.stat();
        const restarted = inode !== undefined && (ino !== inode || !(await isSame(file, size)));
        inode = ino;
        if (restarted) {
          offset = 0;
          anchor = Buffer.alloc(0);
          onRestart();
        }
        let buffer = Buffer.alloc(Math.min(chunkBytes, size - offset));
        let held = 0;
        while (offset + held < size) {
          if (held === buffer.length) {
            if (held >= longestLine) {
              offset += held;
              held = 0;
              onLine("a line without an end");
              continue;
            }
            buffer = Buffer.concat([buffer, Buffer.alloc(Math.max(chunkBytes, buffer.length))]);
          }
          const { bytesRead } = await file.read(buffer, held, buffer.length - held, offset + held);
          if (bytesRead === 0) break;
          held += bytesRead;
          let start = 0;
          for (let end = buffer.indexOf(newline); end >= 0 && end < held; end = buffer.indexOf(newline, start)) {
            onLine(buffer.toString("utf8", start, end));
            start = end + 1;
          }
          if (start > 0) {
            anchor = Buffer.from(buffer.subarray(Math.max(0, start - 64), start));
            offset += start;
            buffer.copyWithin(0, start, held);
            held -= start;
          }
        }
        return { restarted, pending: Math.max(0, size - offset) };
      } finally {
        await file.close();
      }
    },
  };
}
