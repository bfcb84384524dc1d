import { type DataOf, type DType, type HostTensor, sizeOf } from "../host-tensor.ts";
import { writeAtomically } from "./atomic-file.ts";
import { RandomAccessFile } from "./byte-source.ts";
import { elementFormats } from "./elements.ts";
import { FileFormatError } from "./file-format-error.ts";
import { narrowToBfloat16, narrowToFloat16 } from "./half.ts";
import { mostValues } from "./json.ts";
import { type ReadOptions, readTensor } from "./read-tensor.ts";
import {
  formatNames,
  headerStart,
  longestHeader,
  parseHeader,
  parseHeaderLength,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensors-header.ts";
import {
  blocksOf,
  bytesOf,
  compareText,
  dataOf,
  entriesOf,
  listOf,
  type SavedTensor,
  type SavedTensors,
} from "./save-tensor.ts";

/** An open safetensors file: its header is in memory, its tensors are read when asked for. Close it after use. */
export class SafetensorsFile implements SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;

  constructor(
    private readonly file: RandomAccessFile,
    { metadata, tensors }: SafetensorsHeader,
  ) {
    this.metadata = metadata;
    this.tensors = tensors;
  }

  get path(): string {
    return this.file.path;
  }

  /**
   * Reads one tensor.
   *
   * @throws RangeError for a name that the file does not have; FileFormatError for a format that needs
   *   `{ convert: true }`, that host tensors cannot hold at all, or for elements that they cannot.
   */
  async read(name: string, options: ReadOptions = {}): Promise<HostTensor> {
    const entry = this.tensors.get(name);
    if (!entry) {
      throw new RangeError(`${this.path} has no tensor "${name}"; it has ${listOf([...this.tensors.keys()])}`);
    }
    const { format, shape, storedAs, start, end } = entry;
    if (!format) throw new FileFormatError(this.path, `tensor "${name}" is ${storedAs}, which cannot be read`);
    return readTensor(this.file.range(start, end), { format, shape }, options, { path: this.path, name });
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * Opens a safetensors file, of any size, and reads its header only.
 *
 * @throws FileFormatError unless the file is exactly as the format demands.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await RandomAccessFile.open(path);
  try {
    if (file.size < headerStart) throw new FileFormatError(path, `is ${file.size} bytes long: too short for a header`);
    const prefix = new Uint8Array(headerStart);
    await file.readAt(0, prefix);
    const header = new Uint8Array(parseHeaderLength(path, prefix, file.size));
    await file.readAt(headerStart, header);
    return new SafetensorsFile(file, parseHeader(path, header, file.size));
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** How float32 tensors are stored. */
export type SafetensorsFloat = "float32" | "bfloat16" | "float16";

export interface SaveSafetensorsOptions {
  /** Texts beside the tensors. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Format of float32 tensors: as they are, or rounded to nearest even. Others are stored as they are. */
  readonly dtype?: SafetensorsFloat;
}

const floatNames = { float32: "F32", bfloat16: "BF16", float16: "F16" } as const;
const otherNames = { int32: "I32", bool: "BOOL", uint8: "U8", bfloat16: "BF16" } as const;
const order = Object.keys(formatNames);

type FormatName = keyof typeof formatNames;

const formatNameOf = (dtype: DType, float: SafetensorsFloat): FormatName =>
  dtype === "float32" ? floatNames[float] : otherNames[dtype];

/** The bytes of elements in the format of that name. */
function encode(data: DataOf, name: FormatName): Uint8Array {
  if (!(data instanceof Float32Array)) return bytesOf(data);
  if (name === "BF16") return bytesOf(narrowToBfloat16(data));
  if (name === "F16") return bytesOf(narrowToFloat16(data));
  return bytesOf(data);
}

/** Values of JSON in a header: of a tensor its record, dtype, shape, axes, offsets and the two of them. */
function countValues(entries: readonly { readonly tensor: SavedTensor }[], metadata: object): number {
  const ofTensors = entries.reduce((sum, { tensor }) => sum + 6 + tensor.shape.length, 0);
  return 2 + Object.keys(metadata).length + ofTensors;
}

/** The 8 bytes of the length and the header itself, padded so that the data begins at a multiple of 8. */
function encodeHeader(fields: readonly (readonly [string, unknown])[]): Uint8Array {
  const members = fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > longestHeader) {
    throw new RangeError(
      `the header takes ${length} bytes, and readers accept ${longestHeader}; use shorter names or several files`,
    );
  }
  const bytes = new Uint8Array(headerStart + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, headerStart);
  return bytes;
}

/**
 * Saves tensors as a safetensors file, one after another, so that of lazy tensors (`DeviceTensor`s) only one is in host
 * memory at a time. The file appears as a whole or not at all.
 *
 * The same tensors and metadata give the same bytes, in whatever order they come: tensors lie in the reference
 * implementation's order (wide formats first, then by name), which also aligns each to its elements.
 *
 * @throws RangeError for duplicate or reserved names, data that does not fit its shape, or more tensors than a header holds.
 */
export async function saveSafetensors(
  path: string,
  tensors: SavedTensors,
  { metadata = {}, dtype: float = "float32" }: SaveSafetensorsOptions = {},
): Promise<void> {
  const entries = entriesOf(tensors)
    .map(([name, tensor]) => ({ name, tensor, stored: formatNameOf(tensor.dtype, float) }))
    .sort((a, b) => order.indexOf(b.stored) - order.indexOf(a.stored) || compareText(a.name, b.name));
  const fields: (readonly [string, unknown])[] = [];
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== "string")
      throw new TypeError(`metadata "${key}" is ${typeof text}; safetensors hold texts there`);
  }
  const texts = Object.entries(metadata).sort(([a], [b]) => compareText(a, b));
  if (texts.length > 0) fields.push(["__metadata__", Object.fromEntries(texts)]);
  const values = countValues(entries, metadata);
  if (values > mostValues) {
    throw new RangeError(
      `the header of ${entries.length} tensors holds ${values} values, and at most ${mostValues} are read; use several files`,
    );
  }
  let end = 0;
  for (const { name, tensor, stored } of entries) {
    if (name === "__metadata__")
      throw new RangeError('a tensor cannot be named "__metadata__": the format reserves it');
    const start = end;
    end += sizeOf(tensor.shape) * elementFormats[formatNames[stored]].bytes;
    fields.push([name, { dtype: stored, shape: tensor.shape, data_offsets: [start, end] }]);
  }
  const header = encodeHeader(fields);
  await writeAtomically(path, async (append) => {
    await append(header);
    for (const { name, tensor, stored } of entries) {
      for (const block of blocksOf(await dataOf(name, tensor))) await append(encode(block, stored));
    }
  });
}
