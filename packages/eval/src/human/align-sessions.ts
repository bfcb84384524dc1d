import { listed } from "../listed.ts";
import { TableError } from "../table/table.ts";
import { type Answers, isHumanName, type Observer } from "./answers.ts";
import { sixteenClasses } from "./sixteen-classes.ts";

/** Answers of one observer to the trials of one file. */
export interface Session {
  readonly path: string;
  readonly observer: string;
  /** In the order of the file's rows. */
  readonly trials: readonly Trial[];
}

/** An image in a condition, the number of its category, and of the answer that was given. */
export interface Trial {
  readonly condition: string;
  readonly image: string;
  readonly category: number;
  readonly answer: number;
}

/**
 * Observers of one data set in one order of images, which is that of the first.
 *
 * @throws TableError for an observer of two files, an image that comes twice, and observers that did not see the same images: it names the file
 *   that differs from most others, and who is on either side.
 */
export function alignSessions(name: string, sessions: readonly Session[]): Answers {
  const [first] = sessions;
  if (first === undefined) throw new TableError(name, "has no files of answers; give at least one");
  refuseSameObserver(sessions);
  const rows = sessions.map(rowsOfTrials);
  refuseOtherImages(sessions, rows);
  const keys = [...rows[0]!.keys()];
  const conditions = [...new Set(first.trials.map(({ condition }) => condition))];
  return {
    name,
    conditions,
    trials: {
      images: first.trials.map(({ image }) => image),
      condition: Int32Array.from(first.trials, ({ condition }) => conditions.indexOf(condition)),
      category: Int8Array.from(first.trials, ({ category }) => category),
    },
    observers: sessions.map(({ observer, trials }, session): Observer => {
      const answers = Int8Array.from(keys, (key) => trials[rows[session]!.get(key)!]!.answer);
      return { name: observer, isHuman: isHumanName(observer), answers };
    }),
  };
}

/** Somebody counted twice would agree with themselves, and weigh twice as much in every mean. */
function refuseSameObserver(sessions: readonly Session[]): void {
  const paths = new Map<string, string>();
  for (const { observer, path } of sessions) {
    const other = paths.get(observer);
    if (other !== undefined) {
      throw new TableError(path, `has answers of ${observer}, as ${other} has; give one file for each observer`);
    }
    paths.set(observer, path);
  }
}

/** The row of each trial, by condition and image. */
type TrialRows = ReadonlyMap<string, number>;

function rowsOfTrials({ path, trials }: Session): TrialRows {
  const rows = new Map<string, number>();
  for (const [row, { condition, image }] of trials.entries()) {
    const key = `${condition}/${image}`;
    if (rows.has(key)) throw new TableError(path, `image ${image} came before in the same condition`, row);
    rows.set(key, row);
  }
  return rows;
}

/** A trial that is not the same to all: who is on the smallest side, and who on the largest. */
interface Difference {
  readonly key: string;
  readonly odd: readonly number[];
  readonly most: readonly number[];
}

/** Throws what makes the odd file differ: with several observers that of whoever is alone, whichever file comes first. */
function refuseOtherImages(sessions: readonly Session[], rows: readonly TrialRows[]): void {
  const trialOf = (session: number, key: string) => sessions[session]!.trials[rows[session]!.get(key) ?? -1];
  const differences = [...new Set(rows.flatMap((own) => [...own.keys()]))].flatMap((key) =>
    differenceAt(
      key,
      sessions.map((_, session) => trialOf(session, key)?.category),
      sessions,
    ),
  );
  if (differences.length === 0) return;

  const ofFile = sessions.map((_, session) => differences.filter(({ odd }) => odd.includes(session)));
  const oddest = firstBy([...sessions.keys()], (session) => [
    -ofFile[session]!.length,
    peopleAmong([session], sessions),
  ]);
  const its = ofFile[oddest]!;
  // One with a row that can be named, if there is.
  const { key, odd, most } = its.find((difference) => trialOf(oddest, difference.key)) ?? its[0]!;
  const [few, many] = [odd, most].map((side) => listed(side.map((session) => sessions[session]!.observer)));
  const [own, others] = [trialOf(oddest, key), trialOf(most[0]!, key)];
  const { image, condition } = (own ?? others)!;
  const what = `image ${image}${condition && ` in condition ${condition}`}`;
  const problem = !own
    ? `${many} answered ${what}, ${few} did not`
    : !others
      ? `${few} answered ${what}, ${many} did not`
      : `${what} is of ${sixteenClasses[own.category]} to ${few}, and of ${sixteenClasses[others.category]} to ${many}`;
  const count = its.length > 1 ? `, one of ${its.length} images in which this file differs` : "";
  throw new TableError(
    sessions[oddest]!.path,
    `${problem}${count}; observers must have seen the same images`,
    rows[oddest]!.get(key),
  );
}

/**
 * The difference of a trial, none where it is the same to all. Of two sides that are as large the one with fewer people is odd.
 *
 * @param categories [sessions] undefined where it was not seen
 */
function differenceAt(
  key: string,
  categories: readonly (number | undefined)[],
  sessions: readonly Session[],
): Difference[] {
  if (categories.every((category) => category === categories[0])) return [];
  const sides = [...new Set(categories)].map((category) =>
    [...categories.keys()].filter((session) => categories[session] === category),
  );
  const odd = firstBy(sides, (side) => [side.length, peopleAmong(side, sessions)]);
  const most = firstBy(
    sides.filter((side) => side !== odd),
    (side) => [-side.length],
  );
  return [{ key, odd, most }];
}

function peopleAmong(side: readonly number[], sessions: readonly Session[]): number {
  return side.filter((session) => isHumanName(sessions[session]!.observer)).length;
}

/** The item of the lowest first number; of those alike in it, of the lowest second. */
function firstBy<T>(items: readonly T[], order: (item: T) => readonly [number, number?]): T {
  return items.reduce((best, item) => {
    const [[a, b = 0], [c, d = 0]] = [order(best), order(item)];
    return c < a || (c === a && d < b) ? item : best;
  });
}
