/** Edits (insertions, deletions, substitutions) that turn one string into the other: the Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length]!;
}

/** Letters that a name is cut short to at least. */
const shortest = 3;

/**
 * The candidate closest to a misspelt name; where none is within half of its length, the first that the name is the beginning of. Undefined
 * where there is neither.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  let whole: string | undefined;
  for (const candidate of candidates) {
    if (name.length >= shortest && candidate.toLowerCase().startsWith(name.toLowerCase())) whole ??= candidate;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= candidate.length / 2 && (best === undefined || distance < best.distance)) {
      best = { candidate, distance };
    }
  }
  return best?.candidate ?? whole;
}

/** `; did you mean "x"?` for the nearest candidate, or nothing: the tail of an error message. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? "" : `; did you mean "${nearest}"?`;
}

/** `; did you mean "x"? The commands are x, y` where they are "commands", or the list alone: the tail of an error message. */
export function didYouMeanOneOf(name: string, plural: string, candidates: readonly string[]): string {
  const hint = didYouMean(name, candidates);
  return `${hint === "" ? "; the" : `${hint} The`} ${plural} are ${candidates.join(", ")}`;
}
