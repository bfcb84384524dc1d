/** A number in every row; NaN where a file has no value. */
export interface NumberColumn {
  readonly kind: "number";
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array;
}

/** A text in every row, stored once for each distinct text: `values[of[row]]`. An attribute of a data set is one too. */
export interface TextColumn {
  readonly kind: "text";
  readonly values: readonly string[];
  /** [rows] */
  readonly of: Int32Array;
}

/** A vector of `width` numbers in every row, such as the scores of all classes: [rows, width], row after row. */
export interface VectorColumn {
  readonly kind: "vector";
  readonly width: number;
  readonly data: Float32Array;
}

/** One column of a {@link Table}. */
export type Column = NumberColumn | TextColumn | VectorColumn;

/** A column of numbers, not copied if they are a typed array already. */
export function numberColumn(values: NumberColumn["data"] | readonly number[]): NumberColumn {
  return { kind: "number", data: Array.isArray(values) ? Float64Array.from(values) : (values as NumberColumn["data"]) };
}

/** A column of texts. */
export function textColumn(texts: Iterable<string>): TextColumn {
  const numbers = new Map<string, number>();
  const of: number[] = [];
  for (const text of texts) {
    const known = numbers.get(text);
    of.push(known ?? numbers.size);
    if (known === undefined) numbers.set(text, numbers.size);
  }
  return { kind: "text", values: [...numbers.keys()], of: Int32Array.from(of) };
}

/**
 * A column of vectors.
 *
 * @throws RangeError when the data is not a whole number of rows.
 */
export function vectorColumn(data: Float32Array, width: number): VectorColumn {
  if (!Number.isInteger(width) || width < 1 || data.length % width !== 0) {
    throw new RangeError(`${data.length} numbers are not rows of ${width}; give [rows, width] numbers, row after row`);
  }
  return { kind: "vector", width, data };
}

/** Rows of a column. */
export function columnLength(column: Column): number {
  switch (column.kind) {
    case "number":
      return column.data.length;
    case "text":
      return column.of.length;
    case "vector":
      return column.data.length / column.width;
    default:
      return column satisfies never;
  }
}

/** The column with the given rows, in the given order. */
export function selectRows(column: Column, rows: ArrayLike<number>): Column {
  const { length } = rows;
  switch (column.kind) {
    case "number": {
      const data = emptyLike(column.data, length);
      for (let i = 0; i < length; i++) data[i] = column.data[rows[i]!]!;
      return { kind: "number", data };
    }
    case "text":
      return { ...column, of: Int32Array.from({ length }, (_, i) => column.of[rows[i]!]!) };
    case "vector": {
      const { width } = column;
      const data = new Float32Array(length * width);
      for (let i = 0; i < length; i++) {
        data.set(column.data.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
      }
      return { ...column, data };
    }
    default:
      return column satisfies never;
  }
}

/**
 * One column after another.
 *
 * @throws RangeError when they are of different kinds or widths.
 */
export function joinColumns(columns: readonly Column[]): Column {
  const first = columns[0];
  if (first === undefined) throw new RangeError("no columns to join; give at least one");
  const describe = (column: Column) => (column.kind === "vector" ? `vector of ${column.width}` : column.kind);
  for (const column of columns) {
    if (describe(column) !== describe(first)) {
      throw new RangeError(`a ${describe(first)} column goes on as ${describe(column)}; give all parts the same kind`);
    }
  }
  switch (first.kind) {
    case "number": {
      const parts = columns.map((column) => (column as NumberColumn).data);
      const isOneType = parts.every((part) => part.constructor === first.data.constructor);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      return {
        kind: "number",
        data: joinInto(isOneType ? emptyLike(first.data, length) : new Float64Array(length), parts),
      };
    }
    case "text":
      return joinTexts(columns as readonly TextColumn[]);
    case "vector": {
      const parts = columns.map((column) => (column as VectorColumn).data);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      return { ...first, data: joinInto(new Float32Array(length), parts) };
    }
    default:
      return first satisfies never;
  }
}

function joinTexts(columns: readonly TextColumn[]): TextColumn {
  const numbers = new Map<string, number>();
  const of = new Int32Array(columns.reduce((sum, column) => sum + column.of.length, 0));
  let offset = 0;
  for (const column of columns) {
    const renumbered = column.values.map((text) => {
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      return number;
    });
    for (let row = 0; row < column.of.length; row++) of[offset + row] = renumbered[column.of[row]!]!;
    offset += column.of.length;
  }
  return { kind: "text", values: [...numbers.keys()], of };
}

function joinInto<T extends NumberColumn["data"]>(target: T, parts: readonly ArrayLike<number>[]): T {
  let offset = 0;
  for (const part of parts) {
    target.set(part, offset);
    offset += part.length;
  }
  return target;
}

function emptyLike<T extends NumberColumn["data"]>(data: T, length: number): T {
  return new (data.constructor as new (length: number) => T)(length);
}
