import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { TableError } from "./table.ts";

/** Fields of one line of a CSV file. */
export type CsvRecord = readonly string[];

/**
 * The records of a CSV file (RFC 4180), some thousands at a time, so that a file of any size needs little memory. A file that begins
 * as gzip is unpacked. Blank lines are left out; a byte order mark, and either kind of line end, is understood.
 *
 * @throws TableError when a quoted field has no end (naming its row), or the gzip file has none; the file system's error when there is no such file.
 */
export async function* csvRecords(path: string, separator: string): AsyncGenerator<CsvRecord[]> {
  let rest = "";
  let isStart = true;
  let [found, due] = [0, 0];
  for await (const piece of textOf(path)) {
    rest += isStart ? piece.replace(/^\ufeff/, "") : piece;
    isStart = false;
    if (rest.length < due) continue;
    const { records, end } = splitRecords(rest, separator);
    rest = rest.slice(end);
    // A field that does not end is looked through again when twice as much is there, lest a long one takes the square of its length.
    due = records.length === 0 ? 2 * rest.length : 0;
    found += records.length;
    if (records.length > 0) yield records;
  }
  if (rest.trim() === "") return;
  const { records, end } = splitRecords(`${rest}\n`, separator);
  if (end <= rest.length) {
    const [line = ""] = rest.slice(end, end + 40).split("\n");
    const row = found + records.length - 1;
    throw new TableError(path, `has a quoted field without its closing quote: ${line}`, row < 0 ? undefined : row);
  }
  yield records;
}

/** The file as text, in pieces. */
async function* textOf(path: string): AsyncGenerator<string> {
  const file = await open(path);
  const start = Buffer.alloc(2);
  await file.read(start, 0, 2, 0);
  await file.close();
  const bytes = createReadStream(path, { highWaterMark: 2 ** 20 });
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const stream = isGzip ? bytes.pipe(createGunzip()) : bytes;
  bytes.once("error", (error) => stream.destroy(error));
  try {
    yield* stream.setEncoding("utf8");
  } catch (cause) {
    throw new TableError(path, `cannot be read to its end: ${(cause as Error).message}`);
  } finally {
    bytes.destroy();
  }
}

/** The whole records at the start of a text, and where they end. */
function splitRecords(text: string, separator: string): { records: CsvRecord[]; end: number } {
  if (text.includes('"')) return splitQuoted(text, separator);
  const end = text.lastIndexOf("\n") + 1;
  const records: CsvRecord[] = [];
  for (const line of text.slice(0, end).split("\n")) {
    const trimmed = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (trimmed !== "") records.push(trimmed.split(separator));
  }
  return { records, end };
}

/** As {@link splitRecords}, for texts in which fields may be quoted and then contain separators, line ends and doubled quotes. */
function splitQuoted(text: string, separator: string): { records: CsvRecord[]; end: number } {
  const records: CsvRecord[] = [];
  let record: string[] = [];
  let end = 0;
  let at = 0;
  while (at < text.length) {
    let field: string;
    if (text[at] === '"') {
      const close = closingQuote(text, at);
      if (close < 0) break;
      field = text.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
    } else {
      const start = at;
      while (at < text.length && text[at] !== separator && text[at] !== "\n") at++;
      field = text.slice(start, text[at] === "\n" && text[at - 1] === "\r" && at > start ? at - 1 : at);
    }
    if (text[at] === "\r") at++;
    if (at >= text.length) break;
    record.push(field);
    if (text[at++] === separator) continue;
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
    end = at;
  }
  return { records, end };
}

/** Where a quoted field ends that begins at `open`; -1 when the text ends before it. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}
