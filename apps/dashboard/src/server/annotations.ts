import { lstat, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Annotation } from "../shared/api.ts";
import { isObject, text } from "../shared/json.ts";
import { readText, reasonOf } from "./inside.ts";

/** Stars and notes, in `.dashboard.json` of the served folder: the only file that the dashboard writes. */
export interface Annotations {
  of(run: string): Annotation;
  /** Replaces the star and the note of a run. @throws Error when the file cannot be written, or is damaged */
  set(run: string, annotation: Annotation): Promise<void>;
  /** Reads the file again where it changed. */
  refresh(): Promise<void>;
  readonly problems: readonly string[];
}

/** Characters of a note at most. */
export const longestNote = 10_000;

const fileName = ".dashboard.json";
const none: Annotation = { star: false, note: "" };

/** Opens the annotations of a folder; there need not be any yet. */
export function openAnnotations(folder: string): Annotations {
  const path = join(folder, fileName);
  let entries = new Map<string, Annotation>();
  let stamp = "";
  let problem: string | undefined;
  let writing: Promise<void> = Promise.resolve();

  const refresh = async () => {
    const stats = await lstat(path).catch(() => undefined);
    const seen = stats === undefined ? "-" : `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
    if (seen === stamp) return;
    try {
      entries = stats === undefined ? new Map() : parse(await readText(path, 64 << 20));
      problem = undefined;
    } catch (error) {
      problem = `${fileName}, which holds stars and notes, cannot be read: ${reasonOf(error)}`;
    }
    // Only now: a write meanwhile must not take the file for one that was read, and replace a damaged one.
    stamp = seen;
  };

  const write = async (run: string, annotation: Annotation) => {
    await refresh();
    if (problem !== undefined) throw new Error(`${problem}; repair or remove it first, so that nothing is lost`);
    const next = new Map(entries);
    if (annotation.star || annotation.note !== "") next.set(run, annotation);
    else next.delete(run);
    const body = { schema: 1, runs: Object.fromEntries(next) };
    const temporary = `${path}.${process.pid}.partial`;
    try {
      await writeFile(temporary, `${JSON.stringify(body, null, 2)}\n`, { flush: true });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw new Error(`the star or note was not saved: ${reasonOf(error)}`);
    }
    entries = next;
  };

  return {
    of: (run) => entries.get(run) ?? none,
    refresh,
    set(run, annotation) {
      // One after the other: the second would otherwise write what it read before the first.
      const done = writing.then(() => write(run, annotation));
      writing = done.catch(() => {});
      return done;
    },
    get problems() {
      return problem === undefined ? [] : [problem];
    },
  };
}

function parse(file: string): Map<string, Annotation> {
  const content: unknown = JSON.parse(file);
  if (!isObject(content) || !isObject(content.runs)) throw new Error("it has no `runs`");
  return new Map(
    Object.entries(content.runs).flatMap(([run, entry]) =>
      isObject(entry) ? [[run, { star: entry.star === true, note: text(entry.note) }]] : [],
    ),
  );
}
