/** The first of many names, for messages: `a, b, c and 4 others`. */
export function listed(names: readonly string[]): string {
  const shown = 3;
  if (names.length <= shown + 1) return names.join(", ");
  return `${names.slice(0, shown).join(", ")} and ${names.length - shown} others`;
}
