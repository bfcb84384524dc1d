/**
 * A copy of plain data without the fields that are undefined, at any depth: spread over defaults, such a field would take the place of
 * one. What is no plain object or list (a typed array) stays as it is, and so do the places of a list.
 */
export function withoutUndefined<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutUndefined) as T;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const given = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(given.map(([key, field]) => [key, withoutUndefined(field)])) as T;
}
