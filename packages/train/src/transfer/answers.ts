import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type HostTensor, hostTensor } from "@vitscale/core";
import { writing } from "../file-errors.ts";
import { makeFolder } from "../make-folder.ts";

/** Answers of a teacher on disk, by the number of the batch. Nothing of them stays in memory. */
export interface Answers {
  readonly path: string;
  /**
   * The logits that were kept for a batch; undefined where there are none, they are damaged, or the batch was another then.
   *
   * @param mark {@link markOf} the batch
   */
  find(position: number, mark: number): Promise<HostTensor<"float32"> | undefined>;
  /** Keeps logits. Where the disk refuses, that is noted once, and nothing is kept from then on. */
  keep(position: number, mark: number, logits: HostTensor<"float32">): Promise<void>;
  close(): Promise<void>;
}

/** What answers depend on: plain data that name teacher, views and data. */
export type AnswersKey = Readonly<Record<string, unknown>>;

/** Bytes before the logits of a record: the word below, mark of the batch, CRC-32 of the logits, all little-endian. */
const headerBytes = 12;
/** Begins a record that was written: others are holes in the file. */
const written = 0x56_41_4e_31;

/**
 * Opens the file of a teacher's answers to certain views of certain data, `KEY.logits` in a folder that many runs may share, at the same
 * time too: whoever answers for a batch writes the same. Records have one size and a place by position; one that a kill or a bad disk has
 * left incomplete does not fit its checksum, is named, and is asked for again.
 *
 * @param shape of the logits of every batch, [batch, classes]
 * @param note is told what is wrong
 * @throws Error when the folder cannot be made.
 */
export async function openAnswers(
  folder: string,
  key: AnswersKey,
  shape: readonly [rows: number, classes: number],
  note: (text: string) => void,
): Promise<Answers> {
  writing(folder, () => makeFolder(folder), "teacher.answers");
  const digest = createHash("sha256").update(JSON.stringify(key)).digest("hex");
  const path = join(folder, `${digest.slice(0, 16)}.logits`);
  // Made where it is not there, and never cut: another run may be writing it.
  await (await open(path, "a")).close();
  const file = await open(path, "r+");
  const recordBytes = headerBytes + 4 * shape[0] * shape[1];
  let isFull = false;
  return {
    path,
    async find(position, mark) {
      const record = Buffer.alloc(recordBytes);
      const { bytesRead } = await file.read(record, 0, recordBytes, position * recordBytes);
      if (bytesRead < headerBytes || record.subarray(0, headerBytes).every((byte) => byte === 0)) return undefined;
      const logits = record.subarray(headerBytes);
      const isWhole = record.readUInt32LE(0) === written && record.readUInt32LE(8) === crc32(logits);
      if (isWhole && record.readUInt32LE(4) === mark) {
        return hostTensor("float32", shape, new Float32Array(Uint8Array.from(logits).buffer));
      }
      const what = isWhole ? "are of other images" : "are damaged";
      note(`the teacher's answers for batch ${position} in ${path} ${what}; the teacher is asked again`);
      return undefined;
    },
    async keep(position, mark, { data }) {
      if (isFull) return;
      const logits = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const record = Buffer.alloc(recordBytes);
      record.writeUInt32LE(written, 0);
      record.writeUInt32LE(mark, 4);
      record.writeUInt32LE(crc32(logits), 8);
      logits.copy(record, headerBytes);
      try {
        await file.write(record, 0, recordBytes, position * recordBytes);
      } catch (error) {
        isFull = true;
        note(
          `${path} takes no more of the teacher's answers, which are asked for each time: ${(error as Error).message}`,
        );
      }
    },
    close: () => file.close(),
  };
}

/** A number that tells a batch from others: answers belong to what the teacher was shown. */
export function markOf(
  { images, labels }: { readonly images: HostTensor; readonly labels: HostTensor },
  mixup = 1,
): number {
  const bytes = ({ data }: HostTensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const coefficient = Buffer.from(Float64Array.of(mixup).buffer);
  return crc32(bytes(images), crc32(bytes(labels), crc32(coefficient)));
}
