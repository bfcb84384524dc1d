/** A file that is damaged, hostile, or holds what cannot be represented. The message begins with the file's path. */
export class FileFormatError extends Error {
  override readonly name = "FileFormatError";

  constructor(
    /** The file. */
    readonly path: string,
    problem: string,
  ) {
    super(`${path}: ${problem}`);
  }
}
