/** Metrics of one group: what their names have before the first `/`. */
export interface Section {
  readonly title: string;
  readonly metrics: readonly string[];
}

/** What people look at first. */
const order = ["train", "validation", "test", "optim", "data", "time", "memory"];

/** Metrics by group, training and evaluation first, layers in the order of their numbers. */
export function sectionsOf(names: readonly string[], search = ""): Section[] {
  const wanted = search.toLowerCase().trim();
  const sections = new Map<string, string[]>();
  for (const name of names) {
    if (!name.toLowerCase().includes(wanted)) continue;
    const title = name.split("/", 1)[0]!;
    sections.set(title, [...(sections.get(title) ?? []), name]);
  }
  const rank = (title: string) => {
    const found = order.indexOf(title);
    return found >= 0 ? found : order.length;
  };
  return Array.from(sections, ([title, metrics]) => ({ title, metrics: metrics.sort(byName) })).sort(
    (a, b) => rank(a.title) - rank(b.title) || byName(a.title, b.title),
  );
}

/** Losses and accuracies before the rest. */
function byName(a: string, b: string): number {
  const rank = (name: string) => (name.endsWith("/loss") ? 0 : name.endsWith("/top1") ? 1 : 2);
  return rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true });
}
