/** A file, folder or archive of a data set that cannot be used. The message begins with its path. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";

  constructor(
    readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${problem}`, options);
  }
}

/** One sample that cannot be used: a broken image, a label that is no class. The message begins with its name. */
export class SampleError extends Error {
  override readonly name = "SampleError";

  constructor(
    /** Name of the sample, such as `cats/17.jpg` or `train.parquet#17`. */
    readonly sample: string,
    /** Its number in the data set. */
    readonly index: number,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`${sample}: ${problem}`, options);
  }
}

/** A thread of the data pipeline that died: not by a sample, and perhaps not again when the loader is opened anew at the same step. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
}

/** What went wrong, in words, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
