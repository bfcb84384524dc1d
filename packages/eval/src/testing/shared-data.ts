import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, it } from "vitest";

// Published answers and labels, in a folder beside the repository that not every machine has.
const folder = new URL("../../../../../shared/data/", import.meta.url).pathname;

/** Whether the folder of published data is there. Says once in the test's output what is skipped where it is not. */
export function hasSharedData(what: string): boolean {
  const present = existsSync(folder);
  if (!present) process.stdout.write(`skipped: ${what}, because there is no ../shared/data beside the repository\n`);
  return present;
}

/** Tests that read published data where they are set up, or one that is skipped: `describe.skip` would still set them up. */
export function describeWithSharedData(what: string, title: string, tests: () => void): void {
  if (hasSharedData(what)) describe(title, tests);
  else it.skip(`${title}: ${what}`, () => {});
}

/** Where a file or folder of published data is. */
export function sharedPath(path: string): string {
  return folder + path;
}

/** The bytes of a file of published data, unpacked if it is gzipped. */
export function sharedBytes(path: string): Buffer {
  const bytes = readFileSync(folder + path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** The text of a file of published data. */
export function sharedText(path: string): string {
  return sharedBytes(path).toString("utf8");
}

/** The elements of a NumPy file (version 1) of uint16. */
export function sharedUint16(path: string): Uint16Array {
  const bytes = sharedBytes(path);
  const header = bytes.readUInt16LE(8);
  const elements = bytes.subarray(10 + header);
  return new Uint16Array(elements.buffer.slice(elements.byteOffset, elements.byteOffset + elements.length));
}

/** The rows of a CSV file without quoted commas, as objects by column. */
export function sharedCsv(path: string): Record<string, string>[] {
  const [head = "", ...lines] = sharedText(path).trim().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, column) => [name, cells[column] ?? ""]));
  });
}
