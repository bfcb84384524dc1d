import type { DType } from "../host-tensor.ts";
import type { ByteSource } from "./byte-source.ts";
import type { ElementFormat } from "./elements.ts";
import { parseTextType, type TextType } from "./npy-text.ts";

/**
 * The header of an array in NumPy's format (numpy.lib.format): a magic text, the version, the header's length, and a
 * Python dictionary of element type, order of axes, and shape.
 */
export interface NpyHeader extends NpyLayout {
  readonly format: ElementFormat;
  readonly isBigEndian: boolean;
}

/** The header of an array of texts. */
export interface NpyTextHeader extends NpyLayout {
  readonly text: TextType;
}

/** Where the elements of an array lie. */
interface NpyLayout {
  /** First axis fastest, as in Fortran. */
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  /** Bytes before the elements. */
  readonly length: number;
}

/** What is wrong with a header; the reader adds file and array. */
export class NpyError extends Error {
  override readonly name = "NpyError";
}

const magic = "\x93NUMPY";
const longestHeader = 2 ** 16;

const formats: { readonly [code: string]: ElementFormat } = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/** The element type `<f4`: byte order, kind and width. */
function parseElementType(description: string): Pick<NpyHeader, "format" | "isBigEndian"> {
  const code = description.slice(1);
  if (code.startsWith("O")) {
    throw new NpyError(
      "holds pickled Python objects, and unpickling runs whatever code the file contains; save it as an array of numbers",
    );
  }
  const format = Object.hasOwn(formats, code) ? formats[code] : undefined;
  if (!format || !/^[<>|=]/.test(description)) {
    throw new NpyError(
      `holds elements of type ${JSON.stringify(description)}; only booleans, integers and floats can be read`,
    );
  }
  return { format, isBigEndian: description.startsWith(">") };
}

/** The tokens of a Python literal as far as headers need them. */
const token = /\s*(?:'([^'\\]*)'|(True|False)|(\d+)L?|([{}():,[\]]))/y;

type Value = string | boolean | number[];

/** A Python dictionary of texts, truth values and tuples of integers. */
function parseDictionary(text: string): Map<string, Value> {
  const scanner = new RegExp(token);
  const malformed = () => new NpyError("has a header that is no dictionary of descr, fortran_order and shape");
  const next = () => {
    const match = scanner.exec(text);
    if (!match) throw malformed();
    const [, literal, truth, digits, mark] = match;
    return { literal, truth, digits, mark };
  };
  const tuple = () => {
    const numbers: number[] = [];
    for (let each = next(); each.mark !== ")"; each = next()) {
      if (each.digits !== undefined) numbers.push(Number(each.digits));
      else if (each.mark !== ",") throw malformed();
    }
    return numbers;
  };

  if (next().mark !== "{") throw malformed();
  const fields = new Map<string, Value>();
  for (let key = next(); key.mark !== "}"; key = next()) {
    if (key.mark === ",") continue;
    if (key.literal === undefined || fields.has(key.literal) || next().mark !== ":") throw malformed();
    const value = next();
    if (value.mark === "[")
      throw new NpyError("holds records with named fields; save each field as an array of its own");
    if (value.mark === "(") fields.set(key.literal, tuple());
    else if (value.truth !== undefined) fields.set(key.literal, value.truth === "True");
    else if (value.literal !== undefined) fields.set(key.literal, value.literal);
    else throw malformed();
  }
  if (text.slice(scanner.lastIndex).trim() !== "") throw malformed();
  return fields;
}

/** What a header says, its type of elements as it is written. */
type Fields = NpyLayout & { readonly description: string };

function parseFields(text: string): Omit<Fields, "length"> {
  const fields = parseDictionary(text);
  const [description, isFortranOrder, shape] = ["descr", "fortran_order", "shape"].map((key) => fields.get(key));
  if (typeof description !== "string" || typeof isFortranOrder !== "boolean" || !Array.isArray(shape)) {
    throw new NpyError("has a header without descr, fortran_order or shape");
  }
  if (!shape.every(Number.isSafeInteger)) throw new NpyError(`has the shape [${shape}], beyond any file`);
  return { description, isFortranOrder, shape };
}

/**
 * Reads the header of an array of numbers or truth values (versions 1, 2 and 3) from its start.
 *
 * @throws NpyError
 */
export async function readNpyHeader(source: ByteSource): Promise<NpyHeader> {
  const { description, ...layout } = await readFields(source);
  return { ...parseElementType(description), ...layout };
}

/**
 * Reads the header of an array of texts, or of one of numbers or truth values.
 *
 * @throws NpyError
 */
export async function readAnyNpyHeader(source: ByteSource): Promise<NpyHeader | NpyTextHeader> {
  const { description, ...layout } = await readFields(source);
  const text = parseTextType(description);
  return text === undefined ? { ...parseElementType(description), ...layout } : { text, ...layout };
}

async function readFields(source: ByteSource): Promise<Fields> {
  const start = new Uint8Array(8);
  await source.fill(start);
  if (Buffer.from(start.subarray(0, 6)).toString("latin1") !== magic)
    throw new NpyError("does not begin as an array of NumPy");
  const version = start[6] as number;
  if (version < 1 || version > 3)
    throw new NpyError(`is in version ${version} of NumPy's format; versions 1 to 3 can be read`);
  const lengthBytes = new Uint8Array(version === 1 ? 2 : 4);
  await source.fill(lengthBytes);
  const length = lengthBytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  if (length > longestHeader) throw new NpyError(`has a header of ${length} bytes; at most ${longestHeader} are read`);
  const text = new Uint8Array(length);
  await source.fill(text);
  const parsed = parseFields(Buffer.from(text).toString(version === 3 ? "utf8" : "latin1"));
  return { ...parsed, length: start.length + lengthBytes.length + length };
}

const descriptions: { readonly [dtype in Exclude<DType, "bfloat16">]: string } = {
  float32: "<f4",
  int32: "<i4",
  bool: "|b1",
  uint8: "|u1",
};

/**
 * The bytes before an array's elements, as NumPy writes them: elements begin at a multiple of 64.
 *
 * @throws RangeError for bfloat16, which NumPy does not have.
 */
export function encodeNpyHeader(dtype: DType, shape: readonly number[]): Uint8Array {
  if (dtype === "bfloat16") {
    throw new RangeError("NumPy has no bfloat16; save the tensor as safetensors, or convert it to float32");
  }
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': (${axes}), }`;
  const before = 10;
  const total = Math.ceil((before + text.length + 1) / 64) * 64;
  const header = `${text.padEnd(total - before - 1)}\n`;
  const bytes = Buffer.alloc(total);
  bytes.write(magic, "latin1");
  bytes.writeUInt8(1, 6);
  bytes.writeUInt16LE(header.length, 8);
  bytes.write(header, before, "latin1");
  return bytes;
}
