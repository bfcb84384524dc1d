const named: Readonly<Record<string, number>> = {
  "": Number.NaN,
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  "-infinity": Number.NEGATIVE_INFINITY,
};

/** The number that a field of a text file holds, as Python, R and JavaScript write them, NaN of an empty one; undefined for a text. */
export function numberOf(field: string): number | undefined {
  const value = Number(field);
  // Blank fields are 0 to JavaScript.
  if (value !== 0 && !Number.isNaN(value)) return value;
  const trimmed = field.trim().toLowerCase();
  if (Object.hasOwn(named, trimmed)) return named[trimmed];
  return Number.isNaN(value) ? undefined : value;
}
