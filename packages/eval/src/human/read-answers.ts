import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { missingPath } from "../missing-path.ts";
import { loadTable } from "../table/files.ts";
import { columnOf, type Table, TableError, textsOf } from "../table/table.ts";
import { alignSessions, type Session } from "./align-sessions.ts";
import { type Answers, categoryNumber, isHumanName } from "./answers.ts";
import { type Experiment, experimentOf, imageIdentity, spellCondition } from "./experiments.ts";

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

/**
 * All observers of all data sets that a folder holds: a folder of files for each set, as in the toolbox's `raw-data`, or a table for each.
 *
 * @throws TableError where there is no such folder, or there are neither, a data set is there in both forms, and what {@link readAnswers} and
 *   {@link readAnswerTable} do
 */
export async function readAnswersFolder(folder: string): Promise<Answers[]> {
  const sets: Answers[] = [];
  const missing = missingPath(folder);
  if (missing !== undefined) throw new TableError(folder, missing);
  if (statSync(folder).isFile()) throw new TableError(folder, `is a file; give a folder with ${answerFolders}`);
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const files = csvFiles(join(folder, name));
    if (files.length > 0) sets.push(await readAnswers(name, files));
  }
  for (const file of csvFiles(folder)) {
    const answers = await readAnswerTable(file);
    if (sets.some(({ name }) => name === answers.name)) {
      throw new TableError(file, "is a data set of which there is a folder too; leave one of them");
    }
    sets.push(answers);
  }
  if (sets.length === 0) {
    throw new TableError(folder, `has no answers; give a folder with ${answerFolders}`);
  }
  return sets.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const answerFolders =
  "a folder for each data set that holds a CSV file for each observer, or with a CSV file for each data set";

function csvFiles(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => /\.csv(\.gz)?$/.test(file));
  return files.sort().map((file) => join(folder, file));
}

/**
 * Reads a table of one data set with a row for each image: condition, category, image, and a column of answers for each observer. The
 * file's name is the data set's.
 *
 * @throws TableError for a table without rows, one of a single observer in the toolbox's form, an answer that is no category, and an image that
 *   comes twice in a condition
 */
export async function readAnswerTable(path: string): Promise<Answers> {
  const name = basename(path).replace(/\.csv(\.gz)?$/, "");
  const given = ["condition", "category", "image"];
  const table = await loadTable(path, { kinds: { condition: "text" } });
  if (table.length === 0) throw new TableError(path, "has no rows; give a row for each image");
  requireManyObservers(table);
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

/** @throws TableError for a file of one observer, which is one of a data set's folder */
function requireManyObservers({ name, columns }: Table): void {
  const own = [...columns.keys()].map((column) => column.toLowerCase());
  if (!["subj", "object_response"].every((column) => own.includes(column))) return;
  throw new TableError(
    name,
    "has the answers of one observer, in the toolbox's form, and so the folder is that of one data set; give the folder above it, " +
      `with ${answerFolders}`,
  );
}

async function readSession(path: string, experiment: Experiment): Promise<Session> {
  const table = withLowerCaseNames(await loadTable(path, { kinds: { condition: "text" } }));
  if (table.length === 0) throw new TableError(path, "has no rows; give a row for each answer");
  const observers = columnOf(table, "subj", "text").values;
  if (observers.length !== 1)
    throw new TableError(path, `has answers of ${observers.join(" and ")}; give a file for each observer`);
  const [answers, categories] = [numbered(table, "object_response"), numbered(table, "category")];
  const [conditions, images] = [textsOf(table, "condition"), textsOf(table, "imagename")];
  const trials = images.map((image, row) => ({
    condition: spellCondition(experiment, conditions[row]!),
    image: imageIdentity(image, experiment),
    category: categories[row]!,
    answer: answers[row]!,
  }));
  return { path, observer: observers[0]!, trials };
}

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
