/*
 * The zip format as far as npz files use it (PKWARE APPNOTE 6.3.10): entries stored or deflated, sizes and offsets of
 * 64 bits where 32 do not suffice, no encryption, no splitting over disks.
 */

/** A file inside an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly method: "stored" | "deflated";
  /** CRC-32 of the contents. */
  readonly checksum: number;
  /** Bytes in the archive. */
  readonly packedSize: number;
  /** Bytes of the contents. */
  readonly size: number;
  /** Position of the local header in the archive. */
  readonly offset: number;
}

export const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
} as const;

/** Lengths of the fixed parts of the records. */
export const lengths = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 } as const;

/** Marks a field of 32 or 16 bits whose value stands in 64 bits elsewhere. */
export const marker = { word: 0xffffffff, half: 0xffff } as const;

/** The extra field of 64-bit sizes. */
export const extra64 = 0x0001;

const methods = { stored: 0, deflated: 8 } as const;
const utf8Names = 0x0800;
/** 1980-01-01, the earliest date, as NumPy writes it: equal contents give equal archives. */
const date = 0x0021;

const clamp = (value: number) => Math.min(value, marker.word);

/** The extra field that holds those of the values that do not fit into 32 bits; empty if all do. */
function wideValues(values: readonly number[]): Buffer {
  const wide = values.filter((value) => value >= marker.word);
  if (wide.length === 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(4 + 8 * wide.length);
  bytes.writeUInt16LE(extra64, 0);
  bytes.writeUInt16LE(8 * wide.length, 2);
  for (const [i, value] of wide.entries()) bytes.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  return bytes;
}

/** The fields that local and central headers share, from `at` on. */
function writeCommon(bytes: Buffer, at: number, entry: ZipEntry, nameLength: number, extraLength: number): void {
  bytes.writeUInt16LE(45, at); // version needed: 4.5, for 64-bit sizes
  bytes.writeUInt16LE(utf8Names, at + 2);
  bytes.writeUInt16LE(methods[entry.method], at + 4);
  bytes.writeUInt16LE(0, at + 6);
  bytes.writeUInt16LE(date, at + 8);
  bytes.writeUInt32LE(entry.checksum, at + 10);
  bytes.writeUInt32LE(clamp(entry.packedSize), at + 14);
  bytes.writeUInt32LE(clamp(entry.size), at + 18);
  bytes.writeUInt16LE(nameLength, at + 22);
  bytes.writeUInt16LE(extraLength, at + 24);
}

/** The record before an entry's contents. */
export function encodeLocalHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.name);
  // Here the format wants both sizes or none.
  const isWide = Math.max(entry.size, entry.packedSize) >= marker.word;
  const extra = isWide ? wideValues([marker.word, marker.word]) : Buffer.alloc(0);
  if (isWide) {
    extra.writeBigUInt64LE(BigInt(entry.size), 4);
    extra.writeBigUInt64LE(BigInt(entry.packedSize), 12);
  }
  const bytes = Buffer.alloc(lengths.local);
  bytes.writeUInt32LE(signatures.local, 0);
  const sizes = isWide ? { ...entry, size: marker.word, packedSize: marker.word } : entry;
  writeCommon(bytes, 4, sizes, name.length, extra.length);
  return Buffer.concat([bytes, name, extra]);
}

/** The entry's record in the directory. */
function encodeCentralHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.name);
  const extra = wideValues([entry.size, entry.packedSize, entry.offset]);
  const bytes = Buffer.alloc(lengths.central);
  bytes.writeUInt32LE(signatures.central, 0);
  bytes.writeUInt16LE((3 << 8) | 45, 4); // made by: Unix, 4.5
  writeCommon(bytes, 6, entry, name.length, extra.length);
  bytes.writeUInt32LE(0o600 << 16, 38);
  bytes.writeUInt32LE(clamp(entry.offset), 42);
  return Buffer.concat([bytes, name, extra]);
}

/** The directory and the records after it, for a directory that begins at `offset`. */
export function encodeDirectory(entries: readonly ZipEntry[], offset: number): Buffer {
  const directory = Buffer.concat(entries.map(encodeCentralHeader));
  const end = Buffer.alloc(lengths.end);
  end.writeUInt32LE(signatures.end, 0);
  end.writeUInt16LE(Math.min(entries.length, marker.half), 8);
  end.writeUInt16LE(Math.min(entries.length, marker.half), 10);
  end.writeUInt32LE(clamp(directory.length), 12);
  end.writeUInt32LE(clamp(offset), 16);
  if (entries.length < marker.half && offset < marker.word && directory.length < marker.word) {
    return Buffer.concat([directory, end]);
  }
  const end64 = Buffer.alloc(lengths.end64);
  end64.writeUInt32LE(signatures.end64, 0);
  end64.writeBigUInt64LE(BigInt(lengths.end64 - 12), 4);
  end64.writeUInt16LE((3 << 8) | 45, 12);
  end64.writeUInt16LE(45, 14);
  end64.writeBigUInt64LE(BigInt(entries.length), 24);
  end64.writeBigUInt64LE(BigInt(entries.length), 32);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(lengths.locator64);
  locator.writeUInt32LE(signatures.locator64, 0);
  locator.writeBigUInt64LE(BigInt(offset + directory.length), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([directory, end64, locator, end]);
}
