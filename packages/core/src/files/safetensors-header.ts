import { sizeOf } from "../host-tensor.ts";
import { type ElementFormat, elementFormats } from "./elements.ts";
import { FileFormatError } from "./file-format-error.ts";
import { type Json, JsonError, parseJson } from "./json.ts";

/**
 * The header of a safetensors file (github.com/huggingface/safetensors, `src/tensor.rs`): its length as u64, JSON of that
 * many bytes, then the data of all tensors, which cover the rest of the file without gaps, overlaps or a remainder.
 */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of the data. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
}

/** Where a tensor lies and what it holds. */
export interface SafetensorsEntry {
  /** The format's name in the file: `F32`, `BF16`, … */
  readonly storedAs: string;
  /** Undefined for formats that are known by size only. */
  readonly format: ElementFormat | undefined;
  readonly shape: readonly number[];
  /** Positions in the file. */
  readonly start: number;
  readonly end: number;
}

/** Longest header that the reference implementation reads. */
export const longestHeader = 100_000_000;

/** Bytes before the header. */
export const headerStart = 8;

/** Formats that have an element format of ours, in the reference's order, by which it sorts files that it writes. */
export const formatNames = {
  BOOL: "bool",
  U8: "uint8",
  I8: "int8",
  I16: "int16",
  U16: "uint16",
  F16: "float16",
  BF16: "bfloat16",
  I32: "int32",
  U32: "uint32",
  F32: "float32",
  F64: "float64",
  I64: "int64",
  U64: "uint64",
} as const satisfies { [name: string]: ElementFormat };

/** Bytes of an element of formats that can lie in a file but not be read: floats of 4 to 8 bits and complex numbers. */
const opaqueBytes: ReadonlyMap<string, number> = new Map([
  ["F4", 4 / 8],
  ["F6_E2M3", 6 / 8],
  ["F6_E3M2", 6 / 8],
  ["F8_E5M2", 1],
  ["F8_E4M3", 1],
  ["F8_E8M0", 1],
  ["F8_E4M3FNUZ", 1],
  ["F8_E5M2FNUZ", 1],
  ["C64", 8],
]);

const isKnown = (name: string): name is keyof typeof formatNames => Object.hasOwn(formatNames, name);

function isSize(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The parsed JSON of a header, with every complaint about it led by the path. */
class HeaderReader {
  constructor(
    readonly path: string,
    readonly dataStart: number,
    readonly fileSize: number,
  ) {}

  fail(problem: string): never {
    throw new FileFormatError(this.path, problem);
  }

  metadata(value: Json | undefined): Record<string, string> {
    if (value === undefined || value === null) return {};
    if (!(value instanceof Map)) this.fail("__metadata__ is not an object");
    for (const [key, text] of value) {
      if (typeof text !== "string") this.fail(`metadata ${JSON.stringify(key)} is not a text`);
    }
    return Object.fromEntries(value) as Record<string, string>;
  }

  entry(name: string, value: Json): SafetensorsEntry {
    const fail = (problem: string) => this.fail(`tensor "${name}" ${problem}`);
    if (!(value instanceof Map)) return fail("is not described by an object");
    const [storedAs, shape, offsets] = [value.get("dtype"), value.get("shape"), value.get("data_offsets")];
    if (typeof storedAs !== "string") return fail("has no dtype");
    if (!Array.isArray(shape) || !shape.every(isSize)) return fail("has no shape of non-negative integers");
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
      return fail("has no data_offsets of two non-negative integers");
    }
    const format = isKnown(storedAs) ? formatNames[storedAs] : undefined;
    const width = format ? elementFormats[format].bytes : opaqueBytes.get(storedAs);
    if (width === undefined) return fail(`has the unknown dtype ${JSON.stringify(storedAs)}`);

    // A product beyond 2⁵³ is inexact, but no file is that large, so it is refused whatever it rounds to.
    const bytes = sizeOf(shape as number[]) * width;
    const [begin, end] = offsets as [number, number];
    if (end - begin !== bytes) {
      return fail(
        `is ${storedAs} [${shape}] of ${bytes} bytes, but its data_offsets [${begin}, ${end}] span ${end - begin}`,
      );
    }
    return { storedAs, format, shape: shape as number[], start: this.dataStart + begin, end: this.dataStart + end };
  }

  /** The entries in the order of their data, which must fill the file. */
  contiguous(entries: [string, SafetensorsEntry][]): Map<string, SafetensorsEntry> {
    const ordered = entries.sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
    let end = this.dataStart;
    for (const [name, entry] of ordered) {
      if (entry.start !== end) {
        this.fail(
          `tensor "${name}" begins at byte ${entry.start}, but the data before it ends at ${end}: ` +
            `tensors must follow each other without ${entry.start > end ? "gaps" : "overlaps"}`,
        );
      }
      end = entry.end;
    }
    if (end !== this.fileSize) {
      this.fail(
        `its tensors end at byte ${end}, but the file at ${this.fileSize}${end > this.fileSize ? ": it is cut off" : ""}`,
      );
    }
    return new Map(ordered);
  }
}

/**
 * The length of the header, from the file's first 8 bytes.
 *
 * @throws FileFormatError when the file cannot hold it, or it is longer than any reader takes.
 */
export function parseHeaderLength(path: string, prefix: Uint8Array, fileSize: number): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > BigInt(longestHeader)) {
    throw new FileFormatError(path, `its header would be ${length} bytes long; at most ${longestHeader} are read`);
  }
  if (headerStart + Number(length) > fileSize) {
    throw new FileFormatError(path, `its header would be ${length} bytes long, but the file has ${fileSize}`);
  }
  return Number(length);
}

/**
 * Reads a header and checks all of it against the file's size.
 *
 * @throws FileFormatError naming the tensor that is wrong.
 */
export function parseHeader(path: string, bytes: Uint8Array, fileSize: number): SafetensorsHeader {
  const reader = new HeaderReader(path, headerStart + bytes.length, fileSize);
  let parsed: Json;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.startsWith("{")) reader.fail("its header does not begin with {");
    parsed = parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) reader.fail(`its header ${error.message}`);
    if (error instanceof FileFormatError) throw error;
    return reader.fail("its header is not UTF-8");
  }
  const fields = parsed as Map<string, Json>;
  const metadata = reader.metadata(fields.get("__metadata__"));
  fields.delete("__metadata__");
  const tensors = reader.contiguous([...fields].map(([name, value]) => [name, reader.entry(name, value)]));
  return { metadata, tensors };
}
