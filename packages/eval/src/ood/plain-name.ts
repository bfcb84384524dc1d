/** A class name reduced to lower-case words joined by `_`. */
export function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, "_")
    .replace(/^_|_$/g, "");
}
