import { type HostTensor, sizeOf } from "../host-tensor.ts";
import { writeAtomically } from "./atomic-file.ts";
import { RandomAccessFile } from "./byte-source.ts";
import { type ElementFormat, elementFormats } from "./elements.ts";
import { FileFormatError } from "./file-format-error.ts";
import { encodeNpyHeader, NpyError, type NpyHeader, readNpyHeader } from "./npy.ts";
import { type ReadOptions, readTensor } from "./read-tensor.ts";
import { blocksOf, bytesOf, dataOf, type SavedTensor } from "./save-tensor.ts";

/** An open npy file: one array, of which any rows are read when asked for. Close it after use. */
export class NpyFile {
  constructor(
    private readonly file: RandomAccessFile,
    private readonly header: NpyHeader,
  ) {}

  get path(): string {
    return this.file.path;
  }

  get shape(): readonly number[] {
    return this.header.shape;
  }

  get format(): ElementFormat {
    return this.header.format;
  }

  /**
   * Reads the rows from `start` up to `end` along the first axis; all of them by default. So an array larger than memory is read in
   * parts.
   *
   * @throws RangeError for rows that the array does not have; FileFormatError for a file that ends too early, and for formats that need
   *   `{ convert: true }`.
   */
  async read(options: ReadOptions & { readonly start?: number; readonly end?: number } = {}): Promise<HostTensor> {
    const [rows = 1, ...rest] = this.shape;
    const { start = 0, end = rows, ...reading } = options;
    if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= rows)) {
      throw new RangeError(`rows ${start} to ${end} of ${this.path}, which has ${rows}`);
    }
    const shape = this.shape.length === 0 ? [] : [end - start, ...rest];
    const rowBytes = sizeOf(rest) * elementFormats[this.format].bytes;
    const from = this.header.length + start * rowBytes;
    const source = this.file.range(from, from + (end - start) * rowBytes);
    return readTensor(source, { ...this.header, shape }, reading, { path: this.path, name: "array" });
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * Opens an npy file and reads its header only.
 *
 * @throws FileFormatError for a damaged header, for elements that are no numbers, and for matrices in Fortran's order, whose rows do
 *   not lie together.
 */
export async function openNpy(path: string): Promise<NpyFile> {
  const file = await RandomAccessFile.open(path);
  try {
    const header = await readNpyHeader(file.range(0, file.size));
    if (header.isFortranOrder && header.shape.length > 1) {
      throw new NpyError("is in Fortran's order; save it as numpy.ascontiguousarray(array)");
    }
    const bytes = sizeOf(header.shape) * elementFormats[header.format].bytes;
    if (header.length + bytes !== file.size) {
      throw new NpyError(`is [${header.shape}] of ${bytes} bytes, but has ${file.size - header.length}`);
    }
    return new NpyFile(file, header);
  } catch (error) {
    await file.close();
    if (error instanceof NpyError) throw new FileFormatError(path, error.message);
    throw error;
  }
}

/**
 * Saves a tensor as an npy file, which `numpy.load` reads. It appears as a whole or not at all.
 *
 * @throws RangeError for data that does not fit its shape.
 */
export async function saveNpy(path: string, tensor: SavedTensor): Promise<void> {
  const data = await dataOf("array", tensor);
  await writeAtomically(path, async (append) => {
    await append(encodeNpyHeader(tensor.dtype, tensor.shape));
    for (const block of blocksOf(data)) await append(bytesOf(block));
  });
}
