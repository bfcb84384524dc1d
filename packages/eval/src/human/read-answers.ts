import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { loadTable } from "../table/files.ts";
import { columnOf, type Table, TableError, textsOf } from "../table/table.ts";
import { type Answers, categoryNumber, isHumanName, type Observer } from "./answers.ts";
import { type Experiment, experimentOf, imageIdentity, spellCondition } from "./experiments.ts";

/** Answers of one observer to the trials of one file. */
interface Session {
  readonly path: string;
  readonly observer: string;
  readonly trials: readonly Trial[];
}

interface Trial {
  readonly condition: string;
  readonly image: string;
  readonly category: number;
  readonly answer: number;
}

/**
 * Reads the toolbox's own files of one data set: a CSV file for each observer, with the columns subj, session, trial, rt,
 * object_response, category, condition, imagename (upper or lower case). Observers are brought into one order of images.
 *
 * @throws TableError for a missing column, an answer that is no category, an image that comes twice, an observer of two files, and
 *   observers that did not see the same images.
 */
export async function readAnswers(name: string, paths: readonly string[]): Promise<Answers> {
  const experiment = experimentOf(name);
  const sessions = await Promise.all(paths.map((path) => readSession(path, experiment)));
  return alignSessions(name, sessions);
}

/** Files of the folders of data sets, as in the toolbox's `raw-data`: all observers of all data sets of the benchmark that are there. */
export async function readAnswersFolder(folder: string): Promise<Answers[]> {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  const sets: Answers[] = [];
  for (const name of names.sort()) {
    const files = readdirSync(join(folder, name)).filter((file) => /\.csv(\.gz)?$/.test(file));
    if (files.length > 0)
      sets.push(
        await readAnswers(
          name,
          files.sort().map((file) => join(folder, name, file)),
        ),
      );
  }
  if (sets.length > 0) return sets;
  const tables = readdirSync(folder).filter((file) => /\.csv(\.gz)?$/.test(file));
  return Promise.all(tables.sort().map((file) => readAnswerTable(join(folder, file))));
}

/**
 * Reads a table of one data set with a row for each image: condition, category, image, and a column of answers for each observer. The
 * file's name is the data set's.
 */
export async function readAnswerTable(path: string): Promise<Answers> {
  const name = basename(path).replace(/\.csv(\.gz)?$/, "");
  const given = ["condition", "category", "image"];
  const table = await loadTable(path, { kinds: { condition: "text" } });
  const experiment = experimentOf(name);
  const conditions = textsOf(table, "condition").map((condition) => spellCondition(experiment, condition));
  const categories = numbered(table, "category");
  const [images, observers] = [
    textsOf(table, "image"),
    [...table.columns.keys()].filter((column) => !given.includes(column)),
  ];
  const names = [...new Set(conditions)];
  const seen = new Set<string>();
  for (const [row, image] of images.entries()) {
    const trial = `${conditions[row]}/${image}`;
    if (seen.has(trial)) throw new TableError(path, `has image ${image} of condition "${conditions[row]}" twice`, row);
    seen.add(trial);
  }
  return {
    name,
    conditions: names,
    trials: {
      images,
      condition: Int32Array.from(conditions, (condition) => names.indexOf(condition)),
      category: categories,
    },
    observers: observers.map((observer) => ({
      name: observer,
      isHuman: isHumanName(observer),
      answers: numbered(table, observer),
    })),
  };
}

async function readSession(path: string, experiment: Experiment): Promise<Session> {
  const table = withLowerCaseNames(await loadTable(path, { kinds: { condition: "text" } }));
  const observers = columnOf(table, "subj", "text").values;
  if (observers.length !== 1)
    throw new TableError(path, `has answers of ${observers.join(" and ")}; give a file for each observer`);
  const [answers, categories] = [numbered(table, "object_response"), numbered(table, "category")];
  const [conditions, images] = [textsOf(table, "condition"), textsOf(table, "imagename")];
  const trials = images.map((image, row) => ({
    condition: spellCondition(experiment, conditions[row]!),
    image: imageIdentity(image),
    category: categories[row]!,
    answer: answers[row]!,
  }));
  return { path, observer: observers[0]!, trials };
}

function alignSessions(name: string, sessions: readonly Session[]): Answers {
  const [first] = sessions;
  if (first === undefined) throw new TableError(name, "has no files of answers; give at least one");
  refuseSameObserver(sessions);
  const places = new Map<string, number>();
  const key = ({ condition, image }: Trial) => `${condition}/${image}`;
  for (const [row, trial] of first.trials.entries()) {
    if (places.has(key(trial)))
      throw new TableError(first.path, `image ${trial.image} came before in the same condition`, row);
    places.set(key(trial), row);
  }
  const observers = sessions.map(({ path, observer, trials }): Observer => {
    const answers = new Int8Array(places.size).fill(unseen);
    for (const [row, trial] of trials.entries()) {
      const place = places.get(key(trial));
      const problem =
        place === undefined
          ? `image ${trial.image}${trial.condition && ` in condition ${trial.condition}`} was not shown to ${first.observer}`
          : answers[place] !== unseen
            ? `image ${trial.image} came before in the same condition`
            : first.trials[place]!.category !== trial.category
              ? `image ${trial.image} has another category than for ${first.observer}`
              : undefined;
      if (problem !== undefined)
        throw new TableError(path, `${problem}; observers must have seen the same images`, row);
      answers[place!] = trial.answer;
    }
    const missing = answers.indexOf(unseen);
    if (missing >= 0) {
      throw new TableError(
        path,
        `has no answer to image ${first.trials[missing]!.image}; observers must have seen the same images`,
      );
    }
    return { name: observer, isHuman: isHumanName(observer), answers };
  });
  const conditions = [...new Set(first.trials.map(({ condition }) => condition))];
  return {
    name,
    conditions,
    trials: {
      images: first.trials.map(({ image }) => image),
      condition: Int32Array.from(first.trials, ({ condition }) => conditions.indexOf(condition)),
      category: Int8Array.from(first.trials, ({ category }) => category),
    },
    observers,
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

/** Marks a trial that an observer has not met yet. */
const unseen = -2;

/** The numbers of the categories in a column. */
function numbered(table: Table, name: string): Int8Array {
  const { values, of } = columnOf(table, name, "text");
  const rowOf = (value: number) => of.indexOf(value);
  const numbers = values.map((value, i) => categoryNumber(value, { column: name, table: table.name, row: rowOf(i) }));
  return Int8Array.from(of, (value) => numbers[value]!);
}

/** Headers of the toolbox's files differ in case (`Session`). */
function withLowerCaseNames(table: Table): Table {
  return { ...table, columns: new Map([...table.columns].map(([name, column]) => [name.toLowerCase(), column])) };
}
