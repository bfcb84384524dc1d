import { type DataOf, type DType, type HostTensor, hostTensor, newData, sizeOf } from "../host-tensor.ts";
import { type ByteSource, mostBytesAtOnce } from "./byte-source.ts";
import { convertElements, type ElementFormat, elementFormats, swapBytes, UnrepresentableError } from "./elements.ts";
import { FileFormatError } from "./file-format-error.ts";

/** A tensor as a file describes it. */
export interface StoredTensor {
  readonly format: ElementFormat;
  readonly shape: readonly number[];
  readonly isBigEndian?: boolean;
}

export interface ReadOptions {
  /**
   * Whether floats become float32 (float64 rounds) and integers that host tensors do not have int32, where a value that
   * does not fit is an error.
   */
  readonly convert?: boolean | undefined;
}

/** Elements that are converted at a time. */
const blockLength = 2 ** 18;

/** The first byte of a bool tensor that is neither 0 nor 1. */
const firstNonBool = (data: DataOf) => data.findIndex((byte) => byte > 1);

/** An array for the tensor, if JavaScript has arrays and the machine memory for as many elements. */
function allocate(dtype: DType, shape: readonly number[]): DataOf {
  try {
    return newData(dtype, sizeOf(shape));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnrepresentableError(`has ${sizeOf(shape)} elements, more than one array can hold here`);
  }
}

/** The elements in the order of the source. */
async function readData(
  source: ByteSource,
  { format, shape, isBigEndian }: StoredTensor,
  dtype: DType,
): Promise<DataOf> {
  const { bytes, dtype: ownType } = elementFormats[format];
  const data = allocate(dtype, shape);
  if (elementFormats[format].isDirect && dtype === ownType) {
    for (let start = 0; start < data.byteLength; start += mostBytesAtOnce) {
      const length = Math.min(mostBytesAtOnce, data.byteLength - start);
      const view = new Uint8Array(data.buffer, data.byteOffset + start, length);
      await source.fill(view);
      if (isBigEndian) swapBytes(view, bytes);
    }
    return data;
  }
  const block = new Uint8Array(Math.min(data.length, blockLength) * bytes);
  for (let start = 0; start < data.length; start += blockLength) {
    const target = data.subarray(start, start + blockLength);
    const stored = block.subarray(0, target.length * bytes);
    await source.fill(stored);
    if (isBigEndian) swapBytes(stored, bytes);
    convertElements(format, stored, target);
  }
  return data;
}

/**
 * Reads a tensor's elements, whose number and place the caller has checked against the file.
 *
 * @throws FileFormatError naming file and tensor, for formats that would need a conversion that was not asked for, and
 *   for elements that cannot be represented.
 */
export async function readTensor(
  source: ByteSource,
  stored: StoredTensor,
  { convert = false }: ReadOptions,
  { path, name }: { readonly path: string; readonly name: string },
): Promise<HostTensor> {
  const { dtype: ownType, isDirect } = elementFormats[stored.format];
  const dtype = convert && ownType === "bfloat16" ? "float32" : ownType;
  if (!isDirect && !convert) {
    throw new FileFormatError(
      path,
      `tensor "${name}" is ${stored.format}, which host tensors do not have; read it with { convert: true } to get ${dtype}`,
    );
  }
  try {
    const data = await readData(source, stored, dtype);
    const wrong = dtype === "bool" ? firstNonBool(data) : -1;
    if (wrong >= 0) {
      throw new FileFormatError(path, `tensor "${name}" is bool, but its element ${wrong} is the byte ${data[wrong]}`);
    }
    return hostTensor(dtype, stored.shape, data);
  } catch (error) {
    if (error instanceof UnrepresentableError) throw new FileFormatError(path, `tensor "${name}" ${error.message}`);
    throw error;
  }
}
