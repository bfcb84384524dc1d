/** An object of unknown fields, as it comes out of a file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object, and no list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A finite number, or null for anything else. */
export const finite = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** A text, or another text where the value is none. */
export const text = (value: unknown, otherwise = ""): string => (typeof value === "string" ? value : otherwise);

/** The elements of a list; none where the value is no list. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
