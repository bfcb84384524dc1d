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
  const sorted = Array.from(sections, ([title, metrics]) => ({ title, metrics: metrics.sort(byName) })).sort(
    (a, b) => rank(a.title) - rank(b.title) || byName(a.title, b.title),
  );
  return joinSmall(sorted);
}

/** A section of this many charts or more fills its rows. */
const large = 3;

/** Small sections that follow one another become one: a single chart to a row would leave most of the page empty. */
function joinSmall(sections: readonly Section[]): Section[] {
  const joined: { title: string; metrics: readonly string[]; isSmall: boolean }[] = [];
  for (const { title, metrics } of sections) {
    const before = joined.at(-1);
    const isSmall = metrics.length < large;
    if (before?.isSmall && isSmall) {
      before.title += `, ${title}`;
      before.metrics = [...before.metrics, ...metrics];
    } else joined.push({ title, metrics, isSmall });
  }
  return joined.map(({ title, metrics }) => ({ title, metrics }));
}

/** Losses and accuracies before the rest. */
function byName(a: string, b: string): number {
  const rank = (name: string) => (name.endsWith("/loss") ? 0 : name.endsWith("/top1") ? 1 : 2);
  return rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true });
}
