/** The words of a table that is written as text. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Class numbers written as text, each the only source of its class. */
export function sameClass(text: string): number[][] {
  return words(text).map((word) => [Number(word)]);
}
