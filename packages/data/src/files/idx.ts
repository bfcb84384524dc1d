import { DatasetError } from "../errors.ts";
import { readMaybeGzip } from "./read.ts";

/** What Node 20 holds in one piece. */
const mostBytes = 2 ** 32 - 1;

/** A tensor of bytes out of an IDX file. */
export interface IdxBytes {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Reads an IDX file of unsigned bytes, plain or gzip: two zeros, a type code, the rank, the sizes as big-endian 32-bit
 * integers, then the values. The format of MNIST (LeCun, Cortes).
 *
 * @throws DatasetError when the header is not IDX, the type is not unsigned byte, the sizes are beyond what is held in
 *   memory, or the length does not fit them.
 */
export async function readIdx(path: string): Promise<IdxBytes> {
  const bytes = await readMaybeGzip(path, (beginning) => {
    const { headerBytes, size } = headerOf(path, beginning);
    return headerBytes + size;
  });
  const { headerBytes, shape, size } = headerOf(path, bytes);
  if (bytes.length - headerBytes !== size) {
    throw new DatasetError(
      path,
      `has ${bytes.length - headerBytes} values, but its header says [${shape}], which is ${size}; it is truncated or damaged`,
    );
  }
  return { shape, data: bytes.subarray(headerBytes) };
}

function headerOf(path: string, bytes: Uint8Array): { headerBytes: number; shape: number[]; size: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const rank = bytes[3] ?? 0;
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || rank === 0 || bytes.length < headerBytes) {
    throw new DatasetError(path, "is not an IDX file (it should begin with 0, 0, a type and a rank)");
  }
  if (bytes[2] !== 0x08) {
    throw new DatasetError(path, `holds IDX type 0x${bytes[2]!.toString(16)}; only unsigned bytes (0x8) are read`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, axis) => product * axis, 1);
  if (headerBytes + size > mostBytes) {
    throw new DatasetError(
      path,
      `has a header that says [${shape}], which is ${size} values, and no more than ${mostBytes} bytes are read; ` +
        "it is damaged, or to be split into parts",
    );
  }
  return { headerBytes, shape, size };
}
