import { crc32, createInflateRaw, type InflateRaw } from "node:zlib";
import type { ByteSource, RandomAccessFile } from "./byte-source.ts";
import { FileFormatError } from "./file-format-error.ts";
import type { ZipEntry } from "./zip-format.ts";
import { contentStart } from "./zip-reader.ts";

/** Packed bytes that are read at a time. */
const chunkSize = 2 ** 18;

/** An entry's contents in order, checked at the end. Close it, also after an error. */
export interface ZipContent extends ByteSource {
  /** @throws FileFormatError unless all contents were read, and are those that were packed. */
  finish(): Promise<void>;
  close(): void;
}

async function* chunksOf(file: RandomAccessFile, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let position = start; position < end; position += chunkSize) {
    const chunk = new Uint8Array(Math.min(chunkSize, end - position));
    await file.readAt(position, chunk);
    yield chunk;
  }
}

/** Resolves when a stream takes more, or is closed, and leaves no listener behind. */
function drained(stream: InflateRaw): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      stream.off("drain", go).off("close", go);
      resolve();
    };
    stream.on("drain", go).on("close", go);
  });
}

/** What a deflated range of a file unpacks to, without unpacking more than is asked for. */
function inflate(file: RandomAccessFile, start: number, end: number, name: string): ByteSource & { close(): void } {
  const unpacker = createInflateRaw();
  // Errors reach the reader through the iterator; this one is for the time before it is first asked.
  unpacker.on("error", () => {});
  const packed = chunksOf(file, start, end);
  const feed = async () => {
    for await (const chunk of packed) {
      if (unpacker.destroyed) return;
      if (!unpacker.write(chunk)) await drained(unpacker);
    }
    unpacker.end();
  };
  feed().catch((error: Error) => unpacker.destroy(error));
  const unpacked = unpacker[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async fill(target) {
      for (let filled = 0; filled < target.length; ) {
        if (rest.length === 0) {
          const next = await unpacked.next().catch((error: Error) => {
            throw new FileFormatError(file.path, `entry "${name}" cannot be unpacked: ${error.message}`);
          });
          if (next.done) throw new FileFormatError(file.path, `entry "${name}" ends early`);
          rest = next.value;
        }
        const part = rest.subarray(0, target.length - filled);
        target.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
      }
    },
    close: () => void unpacker.destroy(),
  };
}

/** Opens an entry for reading in order. */
export async function openContent(file: RandomAccessFile, entry: ZipEntry): Promise<ZipContent> {
  const { name, method, packedSize, size, checksum } = entry;
  const start = await contentStart(file, entry);
  const end = start + packedSize;
  const source = method === "stored" ? { ...file.range(start, end), close() {} } : inflate(file, start, end, name);
  let actual = 0;
  let read = 0;
  return {
    async fill(target) {
      if (read + target.length > size) {
        throw new FileFormatError(file.path, `entry "${name}" has ${size} bytes, too few for what it should hold`);
      }
      await source.fill(target);
      read += target.length;
      actual = crc32(target, actual);
    },
    async finish() {
      if (read !== size) throw new FileFormatError(file.path, `entry "${name}" has ${size - read} bytes too many`);
      if (actual !== checksum)
        throw new FileFormatError(file.path, `entry "${name}" is damaged: its checksum is wrong`);
    },
    close: () => source.close(),
  };
}
